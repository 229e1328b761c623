"""A Ray cluster of several nodes on this machine, in a process of its own.

    python ray_nodes.py PORT

Its head trains nothing, and lets drivers in through ray:// at the port. It says its address, takes
``add CPUS`` and ``kill NUMBER`` (of the node, from 0) a line, answers ``done``, and ends with its
input.
"""

import sys

from ray.cluster_utils import Cluster

STORE_BYTES = 80 * 2**20
"""Of each node's object store: little, for where there is little shared memory."""


def main() -> None:
    head = {"num_cpus": 0, "include_dashboard": False, "ray_client_server_port": int(sys.argv[1])}
    cluster = Cluster(
        initialize_head=True, head_node_args=head | {"object_store_memory": STORE_BYTES}
    )
    print(cluster.address, flush=True)
    nodes = []
    for line in sys.stdin:
        command, number = line.split()
        if command == "add":
            nodes.append(cluster.add_node(num_cpus=int(number), object_store_memory=STORE_BYTES))
        else:
            cluster.remove_node(nodes[int(number)], allow_graceful=False)
        print("done", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
