#include "http/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/log.h"

namespace vestibule::http {
namespace {

constexpr int kBacklog = 4096;
/// How long to wait when a connection cannot be accepted for want of descriptors or memory.
constexpr int kBackOffMs = 100;

std::string errorText(int error) { return std::system_category().message(error); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// Reads a literal; nothing for any other text.
std::optional<SocketAddress> parseAddress(std::string text, std::uint16_t port) {
  if (text == "localhost") text = "127.0.0.1";
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

/// The address without the port; an IPv4 address that came in through an IPv6 socket as IPv4.
std::string addressText(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (address.family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      ::inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

std::uint16_t boundPort(int socket) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getsockname(socket, address.get(), &address.length) != 0) return 0;
  return ntohs(address.family() == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const std::string& address, std::uint16_t port) {
  auto parsed = parseAddress(address, port);
  if (!parsed) {
    return failure(ErrorKind::kInvalidValue,
                   "'" + address + "' is neither an IPv4 or IPv6 address nor 'localhost'");
  }
  const auto refused = [&](int error) {
    return failure(ErrorKind::kUnavailable, "cannot listen on " + address + " port " +
                                                std::to_string(port) + ": " + errorText(error));
  };
  UniqueFd socket(::socket(parsed->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return refused(errno);
  const int on = 1;
  const int off = 0;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (parsed->family() == AF_INET6 &&
       ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
      ::bind(socket.get(), parsed->get(), parsed->length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return refused(errno);
  }
  const auto bound = boundPort(socket.get());
  std::unique_ptr<Listener> listener(new Listener(std::move(socket), bound));
  if (!listener->stop_.valid()) return refused(EMFILE);
  return listener;
}

Listener::Listener(UniqueFd socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

Listener::~Listener() { stop(); }

void Listener::start(Accept accept) {
  accept_ = std::move(accept);
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "http-accept");
}

void Listener::stop() {
  stop_.ring();
  if (thread_.joinable()) thread_.join();
  socket_.reset();
}

void Listener::run() {
  std::array<pollfd, 2> waiting{pollfd{stop_.fd(), POLLIN, 0}, pollfd{socket_.get(), POLLIN, 0}};
  bool complained = false;
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      logEvent(events::kListenerFailed, {{"port", port_}, {"reason", errorText(errno)}});
      return;
    }
    if (waiting[0].revents != 0) {
      acceptAll();  // who has connected before the stop is not reset
      return;
    }
    if (waiting[1].revents == 0) continue;
    if (acceptAll()) {
      complained = false;
      continue;
    }
    if (!complained) {
      logEvent(events::kListenerPaused, {{"port", port_}, {"reason", errorText(errno)}});
      complained = true;
    }
    if (::poll(waiting.data(), 1, kBackOffMs) > 0) return;  // only a stop ends the pause early
  }
}

bool Listener::acceptAll() {
  for (int taken = 0; taken < kBacklog; ++taken) {
    SocketAddress address;
    address.length = sizeof address.storage;
    UniqueFd socket(
        ::accept4(socket_.get(), address.get(), &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) {
      // Everything else is the failure of one connection that had been waiting (accept(2)): the
      // next may be well.
      const int error = errno;
      if (error == EAGAIN || error == EWOULDBLOCK) return true;
      if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) return false;
      if (error == EBADF || error == EINVAL || error == ENOTSOCK || error == EFAULT) return false;
      continue;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accept_(std::move(socket), addressText(address));
  }
  return true;
}

}  // namespace vestibule::http
