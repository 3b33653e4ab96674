import dataclasses
Factory = None
def define(cls=None, **kw):
    return dataclasses.dataclass(cls) if cls is not None else dataclasses.dataclass
s = attrs = frozen = mutable = define
def field(default=dataclasses.MISSING, factory=None, **kw):
    if factory is not None:
        return dataclasses.field(default_factory=factory)
    return dataclasses.field(default=default)
ib = attrib = field
