"""Tables seen from outside: what their columns are and how many rows there are, without taking a value along."""
