"""HJ 212 (2005, 2017, what is known of 2025): the protocol of China's automatic monitoring stations.

Bytes → ``frame.FrameSplitter`` → frames → ``message.parse`` → messages → ``values.Reader`` → readings; and back with
``encode``; ``protocol`` is what the rest of the house sees of it. The parser goes by what stands in a
message and not by its Flag: stations have been sending the flags of 2025 for years.
"""
