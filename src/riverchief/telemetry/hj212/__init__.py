"""HJ 212 (2005, 2017, what is known of 2025): the protocol of China's automatic monitoring stations.

Bytes → ``frame.FrameSplitter`` → frames → ``message.parse`` → messages (``parts.Assembler`` joins split ones) →
``values.Reader`` → readings; and back with ``encode``. The parser goes by what stands in a message and not by its Flag:
stations have been sending the flags of 2025 for years.
"""
