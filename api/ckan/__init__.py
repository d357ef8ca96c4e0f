"""The actions of CKAN's API that harvesters ask for, at `/api/3/action/…`, read-only."""
