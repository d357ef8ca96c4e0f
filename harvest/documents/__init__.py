"""Reading what comes from elsewhere without trusting it: compression, encodings, XML, JSON."""
