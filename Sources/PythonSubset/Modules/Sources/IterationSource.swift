extension StandardSources {
  /// `itertools`.
  static let itertools = #"""
    class chain:
        def __init__(self, *iterables):
            self._items = _chain(iterables)
        def __iter__(self):
            return self
        def __next__(self):
            return next(self._items)
        @classmethod
        def from_iterable(cls, iterables):
            return _chain(iterables)

    def _chain(iterables):
        for iterable in iterables:
            for item in iterable:
                yield item

    def count(start=0, step=1):
        while True:
            yield start
            start += step

    def repeat(object, times=None):
        if times is None:
            while True:
                yield object
        for _ in range(times):
            yield object

    def cycle(iterable):
        saved = []
        for item in iterable:
            yield item
            saved.append(item)
        while saved:
            for item in saved:
                yield item

    def islice(iterable, *args):
        s = slice(*args)
        start, stop, step = s.start or 0, s.stop, s.step or 1
        if start < 0 or step < 1 or (stop is not None and stop < 0):
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        wanted = start
        if stop is not None and wanted >= stop:
            return
        index = 0
        for item in iterable:
            if index == wanted:
                yield item
                wanted += step
            index += 1
            if stop is not None and (index >= stop or wanted >= stop):
                return

    def takewhile(predicate, iterable):
        for item in iterable:
            if not predicate(item):
                return
            yield item

    def dropwhile(predicate, iterable):
        dropping = True
        for item in iterable:
            if dropping and predicate(item):
                continue
            dropping = False
            yield item

    def filterfalse(predicate, iterable):
        for item in iterable:
            if not (predicate(item) if predicate is not None else item):
                yield item

    def compress(data, selectors):
        for item, wanted in zip(data, selectors):
            if wanted:
                yield item

    def starmap(function, iterable):
        for arguments in iterable:
            yield function(*arguments)

    def accumulate(iterable, func=None, *, initial=None):
        total = initial
        iterator = iter(iterable)
        if initial is None:
            try:
                total = next(iterator)
            except StopIteration:
                return
        yield total
        for item in iterator:
            total = total + item if func is None else func(total, item)
            yield total

    def pairwise(iterable):
        iterator = iter(iterable)
        try:
            before = next(iterator)
        except StopIteration:
            return
        for item in iterator:
            yield before, item
            before = item

    def zip_longest(*iterables, fillvalue=None):
        columns = [list(iterable) for iterable in iterables]
        for index in range(max((len(column) for column in columns), default=0)):
            yield tuple(column[index] if index < len(column) else fillvalue for column in columns)

    def batched(iterable, n):
        if n < 1:
            raise ValueError("n must be at least one")
        batch = []
        for item in iterable:
            batch.append(item)
            if len(batch) == n:
                yield tuple(batch)
                batch = []
        if batch:
            yield tuple(batch)

    def groupby(iterable, key=None):
        group, current, started = [], None, False
        for item in iterable:
            value = item if key is None else key(item)
            if started and value != current:
                yield current, iter(group)
                group = []
            current, started = value, True
            group.append(item)
        if started:
            yield current, iter(group)

    def product(*iterables, repeat=1):
        results = [()]
        for pool in [tuple(pool) for pool in iterables] * repeat:
            results = [result + (item,) for result in results for item in pool]
        for result in results:
            yield result

    def permutations(iterable, r=None):
        pool = tuple(iterable)
        size = len(pool) if r is None else r
        def extend(chosen):
            if len(chosen) == size:
                yield tuple(pool[index] for index in chosen)
                return
            for index in range(len(pool)):
                if index not in chosen:
                    for result in extend(chosen + (index,)):
                        yield result
        return extend(())

    def combinations(iterable, r):
        pool = tuple(iterable)
        def extend(start, chosen):
            if len(chosen) == r:
                yield chosen
                return
            for index in range(start, len(pool)):
                for result in extend(index + 1, chosen + (pool[index],)):
                    yield result
        return extend(0, ())

    def combinations_with_replacement(iterable, r):
        pool = tuple(iterable)
        def extend(start, chosen):
            if len(chosen) == r:
                yield chosen
                return
            for index in range(start, len(pool)):
                for result in extend(index, chosen + (pool[index],)):
                    yield result
        return extend(0, ())

    def tee(iterable, n=2):
        items = list(iterable)
        return tuple(iter(items) for _ in range(n))
    """#
}
