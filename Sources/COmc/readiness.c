#include "COmc.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

int omc_epoll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int omc_epoll_watch(int epoll, int descriptor, bool reads, bool writes, uint64_t name) {
  struct epoll_event event = {
      .events = (reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u), .data.u64 = name};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void omc_epoll_forget(int epoll, int descriptor) {
  struct epoll_event event = {0};
  (void)epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

int omc_epoll_ready(int epoll, uint64_t *names, int count) {
  struct epoll_event events[64];
  int ready = epoll_wait(epoll, events, count < 64 ? count : 64, 0);
  for (int i = 0; i < ready; i++) names[i] = events[i].data.u64;
  return ready;
}

int64_t omc_tcp_unheard(int descriptor) {
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  // A server that leaves what it was sent unread answers each probe of its window: one may be under way.
  return info.tcpi_retransmits > 0 || info.tcpi_probes > 1 ? (int64_t)info.tcpi_last_ack_recv : 0;
}
