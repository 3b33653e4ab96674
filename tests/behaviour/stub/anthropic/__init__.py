class Anthropic:
    def __init__(self, **kwargs): raise RuntimeError("bypass")
class _Made:
    def __init__(self, **kwargs): pass
