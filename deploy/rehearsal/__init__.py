"""The portal on several machines, built on one in network namespaces, and the faults it has to withstand."""
