extension StandardSources {
  /// `heapq`, with CPython's order of comparisons, so that equal items come out as they do there.
  static let heapq = #"""
    def heappush(heap, item):
        heap.append(item)
        _down(heap, 0, len(heap) - 1)

    def heappop(heap):
        last = heap.pop()
        if heap:
            first = heap[0]
            heap[0] = last
            _up(heap, 0)
            return first
        return last

    def heapreplace(heap, item):
        first = heap[0]
        heap[0] = item
        _up(heap, 0)
        return first

    def heappushpop(heap, item):
        if heap and heap[0] < item:
            item, heap[0] = heap[0], item
            _up(heap, 0)
        return item

    def heapify(x):
        for index in reversed(range(len(x) // 2)):
            _up(x, index)

    def _down(heap, start, place):
        item = heap[place]
        while place > start:
            parent = (place - 1) >> 1
            if not item < heap[parent]:
                break
            heap[place] = heap[parent]
            place = parent
        heap[place] = item

    def _up(heap, place):
        end = len(heap)
        start = place
        item = heap[place]
        child = 2 * place + 1
        while child < end:
            if child + 1 < end and not heap[child] < heap[child + 1]:
                child += 1
            heap[place] = heap[child]
            place = child
            child = 2 * place + 1
        heap[place] = item
        _down(heap, start, place)

    def nlargest(n, iterable, key=None):
        return sorted(iterable, key=key, reverse=True)[:max(n, 0)]

    def nsmallest(n, iterable, key=None):
        return sorted(iterable, key=key)[:max(n, 0)]

    def merge(*iterables, key=None, reverse=False):
        queues = [iter(iterable) for iterable in iterables]
        heads = []
        for place, queue in enumerate(queues):
            for item in queue:
                heads.append([item if key is None else key(item), place, item])
                break
        while heads:
            best = heads[0]
            for head in heads[1:]:
                if (best[0] < head[0]) if reverse else (head[0] < best[0]):
                    best = head
            yield best[2]
            for item in queues[best[1]]:
                best[0] = item if key is None else key(item)
                best[2] = item
                break
            else:
                heads.remove(best)
    """#

  /// `bisect`.
  static let bisect = #"""
    def bisect_right(a, x, lo=0, hi=None, *, key=None):
        lo, hi = _bounds(a, lo, hi)
        while lo < hi:
            middle = (lo + hi) // 2
            if x < (a[middle] if key is None else key(a[middle])):
                hi = middle
            else:
                lo = middle + 1
        return lo

    def bisect_left(a, x, lo=0, hi=None, *, key=None):
        lo, hi = _bounds(a, lo, hi)
        while lo < hi:
            middle = (lo + hi) // 2
            if (a[middle] if key is None else key(a[middle])) < x:
                lo = middle + 1
            else:
                hi = middle
        return lo

    def _bounds(a, lo, hi):
        if lo < 0:
            raise ValueError("lo must be non-negative")
        return lo, len(a) if hi is None else hi

    def insort_right(a, x, lo=0, hi=None, *, key=None):
        a.insert(bisect_right(a, x if key is None else key(x), lo, hi, key=key), x)

    def insort_left(a, x, lo=0, hi=None, *, key=None):
        a.insert(bisect_left(a, x if key is None else key(x), lo, hi, key=key), x)

    bisect = bisect_right
    insort = insort_right
    """#
}
