"""How fast the server is, as ratios of one run: `make bench`.

Three servers answer the same requests over the same rows on the same machine, one after another in every round: a bare
WSGI function (what the machine could do), a plain Django REST framework twin (what the tutorials would have done), and
the project. What is said about speed is a ratio of two of them, never a number of seconds.
"""
