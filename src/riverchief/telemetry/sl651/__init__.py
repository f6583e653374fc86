"""SL 651-2014: the protocol of China's hydrological stations, in hexadecimal/BCD and in ASCII coding.

Bytes → ``frame.FrameSplitter`` → frames → ``report.parse`` → reports → ``values.Reader`` → readings; and back with
``encode``; ``protocol`` is what the rest of the house sees of it. What an element looks like is read
from the definition byte beside it and never from a table: vendors deviate.
"""
