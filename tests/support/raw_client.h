#pragma once
// A client that sends exactly the bytes it is given, for tests of what well-behaved clients never
// do.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vestibule::test {

/// One answer as it came off the wire.
struct RawAnswer {
  int status = 0;
  std::string head;  ///< status line and header fields, with their line ends
  std::string body;

  /// The value of a header field, or nothing. The name is compared as ASCII in any case.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      if (line.size() <= name.size() || line[name.size()] != ':') continue;
      bool same = true;
      for (std::size_t i = 0; i < name.size(); ++i) {
        same = same && (line[i] | 0x20) == (name[i] | 0x20);
      }
      if (!same) continue;
      auto value = line.substr(name.size() + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      return std::string(value);
    }
    return std::nullopt;
  }
};

/// A TCP socket of the caller, handed over.
struct OpenSocket {
  int fd = -1;
};

/// What a client speaks through when it does not use its socket directly, such as TLS. Both wait as
/// long as the socket does.
struct Layer {
  /// As recv().
  std::function<ssize_t(char* buffer, std::size_t size)> receive = nullptr;
  /// Sends everything; false when that fails.
  std::function<bool(std::string_view bytes)> send = nullptr;
  /// True when something has been received that `receive` has not given yet.
  std::function<bool()> has_input = nullptr;
};

/// A TCP connection to this machine. Waits at most as long as it is told, and never raises SIGPIPE.
class RawClient {
 public:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds kPatience{10'000};

  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    connect(port);
  }
  /// Takes over a socket that is not connected yet.
  RawClient(std::uint16_t port, OpenSocket socket) : fd_(socket.fd) { connect(port); }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        layer_(std::move(other.layer_)),
        input_(std::move(other.input_)) {}

  [[nodiscard]] bool connected() const { return connected_; }

  /// From now on everything goes through the layer.
  void speakThrough(Layer layer) { layer_ = std::move(layer); }

  /// Sends everything; false when the server has gone.
  bool send(std::string_view bytes) {
    if (layer_.send) return layer_.send(bytes);
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// True when the server has sent something, or gone.
  [[nodiscard]] bool hasInput() const {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
  }

  /// The next answer, interim ones (1xx) included. Nothing when it does not come in time or is cut
  /// off. `to_head` says that the request was HEAD.
  [[nodiscard]] std::optional<RawAnswer> receive(bool to_head = false,
                                                 Milliseconds patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::size_t head_end = 0;
    while ((head_end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!readMore(end)) return std::nullopt;
    }
    RawAnswer answer;
    answer.head = input_.substr(0, head_end + 2);
    input_.erase(0, head_end + 4);
    if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
    const auto length = answer.header("Content-Length");
    if (!to_head && answer.header("Transfer-Encoding") == "chunked") {
      return receiveChunks(answer, end) ? std::optional(std::move(answer)) : std::nullopt;
    }
    if (to_head || !length) return answer;
    const auto size = static_cast<std::size_t>(std::strtoull(length->c_str(), nullptr, 10));
    while (input_.size() < size) {
      if (!readMore(end)) return std::nullopt;
    }
    answer.body = input_.substr(0, size);
    input_.erase(0, size);
    return answer;
  }

  /// True when the server closes the connection in time without sending anything more.
  [[nodiscard]] bool closedByServer(Milliseconds patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (input_.empty() && readMore(end)) {
    }
    return input_.empty() && ended_;
  }

  /// Everything the server sends until it closes, or until the time is over.
  [[nodiscard]] std::string readAll(Milliseconds patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (readMore(end)) {
    }
    return std::exchange(input_, {});
  }

  /// Says that nothing more will be sent, and goes on reading.
  void finishSending() { ::shutdown(fd_, SHUT_WR); }

  /// Closes the orderly way.
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  /// Closes by a reset, as a crashed client does.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  void connect(std::uint16_t port) {
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  /// Joins the chunks of a body; false when it is cut off.
  bool receiveChunks(RawAnswer& answer, std::chrono::steady_clock::time_point end) {
    for (;;) {
      std::size_t line_end = 0;
      while ((line_end = input_.find("\r\n")) == std::string::npos) {
        if (!readMore(end)) return false;
      }
      const auto size = static_cast<std::size_t>(std::strtoull(input_.c_str(), nullptr, 16));
      const auto frame = line_end + 2 + size + 2;
      while (input_.size() < frame) {
        if (!readMore(end)) return false;
      }
      answer.body.append(input_, line_end + 2, size);
      input_.erase(0, frame);
      if (size == 0) return true;
    }
  }

  bool readMore(std::chrono::steady_clock::time_point end) {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
    pollfd waiting{fd_, POLLIN, 0};
    const int ready =
        layer_.has_input && layer_.has_input()
            ? 1
            : ::poll(&waiting, 1, static_cast<int>(std::max<Milliseconds::rep>(left.count(), 0)));
    if (ready <= 0) return false;
    char buffer[16384];
    const auto size = layer_.receive ? layer_.receive(buffer, sizeof buffer)
                                     : ::recv(fd_, buffer, sizeof buffer, 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    input_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  Layer layer_;
  std::string input_;
};

}  // namespace vestibule::test
