"""Asks the process that keeps the cluster to break it, and returns when it is whole again: what scripts/break calls."""

import socket
import sys

PATIENCE_S = 400

with socket.socket(socket.AF_UNIX) as line:
    line.settimeout(PATIENCE_S)
    line.connect(sys.argv[1])
    said = line.makefile().readline()
print(said.strip())
sys.exit(0 if said == "whole\n" else 1)
