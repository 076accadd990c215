SELECT (SELECT sum FROM ours) = (SELECT sum FROM plain)
