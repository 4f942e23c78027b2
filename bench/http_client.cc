#include "http_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>
#include <system_error>

namespace vestibule::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kShownBytes = 300;
constexpr int kWriteMilliseconds = 10'000;
/// An answer that takes longer than this is an error.
constexpr std::chrono::seconds kPatience{10};

/// One answer at the front of a buffer.
struct Answer {
  int status = 0;
  std::size_t size = 0;
};

enum class Framing { kComplete, kIncomplete, kBroken };

Framing readAnswer(std::string_view buffer, Answer& answer) {
  const auto end = buffer.find("\r\n\r\n");
  if (end == std::string_view::npos) return Framing::kIncomplete;
  const auto head = buffer.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) return Framing::kBroken;
  if (std::from_chars(head.data() + 9, head.data() + 12, answer.status).ec != std::errc()) {
    return Framing::kBroken;
  }
  std::size_t length = 0;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (const auto at = head.find(kLength); at != std::string_view::npos) {
    const char* from = head.data() + at + kLength.size();
    if (std::from_chars(from, head.data() + head.size(), length).ec != std::errc()) {
      return Framing::kBroken;
    }
  } else if (answer.status != 204 && answer.status != 304) {
    return Framing::kBroken;
  }
  answer.size = end + 4 + length;
  if (buffer.size() < answer.size) return Framing::kIncomplete;
  return Framing::kComplete;
}

int connectTo(const Endpoint& endpoint) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  const int on = 1;
  if (::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1 ||
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;

/// One connection with the request that is under way on it.
class Connection {
 public:
  /// `context` is null for plain HTTP.
  Connection(const Endpoint& endpoint, int epoll, SSL_CTX* context)
      : endpoint_(endpoint), epoll_(epoll), context_(context) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool open() {
    close();
    fd_ = connectTo(endpoint_);
    if (fd_ < 0 || (context_ != nullptr && !shakeHands())) return false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = this;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event) == 0;
  }

  /// Sends the next request; false when there is none, or it cannot be sent.
  bool send(const NextRequest& next, Samples& samples) {
    if (!next(request_)) {
      if (!samples.exhausted) samples.exhausted = Clock::now();
      return false;
    }
    from_ = Clock::now();
    waiting_ = true;
    std::string_view rest = request_.bytes;
    while (!rest.empty()) {
      const auto sent = write(rest);
      if (sent > 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        pollfd entry{fd_, POLLOUT, 0};
        if (::poll(&entry, 1, kWriteMilliseconds) != 1) return false;
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  /// Takes what has arrived. True when the answer is complete.
  bool receive(const Window& window, Samples& samples) {
    const auto old = buffer_.size();
    buffer_.resize(old + kReadBytes);
    const auto got = read(buffer_.data() + old, kReadBytes);
    buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
      broken_ = true;
      samples.fail("the connection ended without an answer to: " + shown(request_.bytes));
      return false;
    }
    Answer answer;
    const auto framing = readAnswer(buffer_, answer);
    if (framing == Framing::kIncomplete) return false;
    if (framing == Framing::kBroken || answer.size != buffer_.size()) {
      broken_ = true;
      samples.fail("an answer that is not HTTP/1.1 as expected: " + shown(buffer_));
      return false;
    }
    waiting_ = false;
    if (const auto wrong = request_.mismatch(answer.status, buffer_)) {
      samples.fail(*wrong + " to: " + shown(request_.bytes));
    } else {
      samples.complete(window, from_, Clock::now());
    }
    buffer_.clear();
    return true;
  }

  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] bool overdue(Clock::time_point now) const {
    return waiting_ && now - from_ > kPatience;
  }
  [[nodiscard]] const Request& request() const { return request_; }

  static std::string shown(std::string_view text) {
    return std::string(text.substr(0, kShownBytes));
  }

  void close() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    buffer_.clear();
    broken_ = false;
    waiting_ = false;
  }

 private:
  /// The socket blocks until it is done, and never again.
  bool shakeHands() {
    tls_.reset(SSL_new(context_));
    return tls_ && SSL_set_fd(tls_.get(), fd_) == 1 && SSL_connect(tls_.get()) == 1 &&
           ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK) == 0;
  }

  /// As send(2) does, also by TLS.
  ssize_t write(std::string_view bytes) {
    if (!tls_) return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ERR_clear_error();
    return resultOf(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
  }

  /// As recv(2) does, also by TLS, where it takes all that has been received.
  ssize_t read(char* to, std::size_t room) {
    if (!tls_) return ::recv(fd_, to, room, MSG_DONTWAIT);
    std::size_t size = 0;
    while (size < room) {
      ERR_clear_error();
      const auto got = resultOf(SSL_read(tls_.get(), to + size, static_cast<int>(room - size)));
      if (got <= 0) return size > 0 ? static_cast<ssize_t>(size) : got;
      size += static_cast<std::size_t>(got);
    }
    return static_cast<ssize_t>(size);
  }

  /// What OpenSSL returned, told as the system's calls do.
  [[nodiscard]] ssize_t resultOf(int returned) const {
    if (returned > 0) return returned;
    const int why = SSL_get_error(tls_.get(), returned);
    const bool later = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    errno = later ? EAGAIN : ECONNRESET;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }

  const Endpoint& endpoint_;
  int epoll_;
  SSL_CTX* context_;
  std::unique_ptr<SSL, FreeTls> tls_;
  int fd_ = -1;
  Request request_;
  Clock::time_point from_;
  bool waiting_ = false;
  bool broken_ = false;
  std::string buffer_;
};

}  // namespace

std::optional<std::string> Request::mismatch(int got, std::string_view answer) const {
  const bool found = std::all_of(needles.begin(), needles.end(), [&](const std::string& needle) {
    return answer.find(needle) != std::string_view::npos;
  });
  if (got == status && found) return std::nullopt;
  return "status " + std::to_string(got) + " instead of " + std::to_string(status) + " with " +
         needles[0] + " " + needles[1] + ": " + Connection::shown(answer);
}

std::optional<Endpoint> Endpoint::parse(std::string_view url) {
  Endpoint endpoint;
  endpoint.tls = url.starts_with("https://");
  const std::string_view scheme = endpoint.tls ? "https://" : "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  const auto colon = url.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  endpoint.host = url.substr(0, colon);
  const auto port = url.substr(colon + 1);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (read.ec != std::errc() || read.ptr != port.data() + port.size()) return std::nullopt;
  return endpoint;
}

void driveConnections(const Endpoint& endpoint, unsigned count, const NextRequest& next,
                      const Window& window, Samples& samples) {
  // OpenSSL writes without a word to the system about signals.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  const TlsContext context(endpoint.tls ? SSL_CTX_new(TLS_client_method()) : nullptr);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Connection>> connections;
  for (unsigned i = 0; i < count; ++i) {
    connections.push_back(std::make_unique<Connection>(endpoint, epoll, context.get()));
    if (!connections.back()->open()) {
      samples.fail(std::string("cannot connect: ") + std::generic_category().message(errno));
      ::close(epoll);
      return;
    }
  }
  for (auto& connection : connections) connection->send(next, samples);
  std::array<epoll_event, 64> events{};
  while (Clock::now() < window.end && !samples.exhausted) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      const bool answered = connection.receive(window, samples);
      const bool lost = connection.broken();
      if (lost && !connection.open()) {
        samples.fail(std::string("cannot connect again: ") +
                     std::generic_category().message(errno));
        continue;
      }
      if (Clock::now() >= window.end) break;
      if (answered || lost) connection.send(next, samples);
    }
    const auto now = Clock::now();
    for (auto& connection : connections) {
      if (ready > 0 || !connection->overdue(now)) continue;
      samples.fail("no answer in ten seconds to: " +
                   Connection::shown(connection->request().bytes));
      if (connection->open()) connection->send(next, samples);
    }
  }
  connections.clear();
  ::close(epoll);
}

}  // namespace vestibule::bench
