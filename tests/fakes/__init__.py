"""Real servers on loopback that behave as portals do, well and badly."""
