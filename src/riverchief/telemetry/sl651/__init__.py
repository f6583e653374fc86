"""SL 651-2014: the protocol of China's hydrological stations, in hexadecimal/BCD and in ASCII coding.

Bytes → ``frame.FrameSplitter`` → frames → ``report.parse`` → reports (``picture.Assembler`` joins pictures) →
``values.Reader`` → readings; and back with ``encode``. What an element looks like is read from the definition byte
beside it and never from a table: vendors deviate.
"""
