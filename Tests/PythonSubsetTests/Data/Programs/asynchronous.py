async def one(): return 1
async def two():
    a = await one()
    b = await one()
    return a + b
def drive(c):
    try: c.send(None)
    except StopIteration as e: return e.value
class ACM:
    async def __aenter__(self): print("aenter"); return "v"
    async def __aexit__(self, *a): print("aexit", a[0]); return False
class AIt:
    def __init__(self): self.n = 0
    def __aiter__(self): return self
    async def __anext__(self):
        self.n += 1
        if self.n > 2: raise StopAsyncIteration
        return self.n
async def agen():
    for i in range(3):
        yield i
async def main():
    print(await two())
    async with ACM() as v: print(v)
    async for x in AIt(): print(x)
    async for x in agen(): print("g", x)
    print([x async for x in agen()], [await one() for _ in range(2)])
    try: await 5
    except TypeError as e: print(e)
    return "end"
print(drive(main()))
