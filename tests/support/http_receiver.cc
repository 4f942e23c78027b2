#include "support/http_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "base/unicode.h"

namespace vestibule::test {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

/// True when all of a request is there.
bool isComplete(const std::string& text) {
  const auto end = text.find(kEnd);
  if (end == std::string::npos) return false;
  const ReceivedRequest request{text.substr(0, end + kEnd.size()), {}};
  const std::string length = request.field("Content-Length");
  return text.size() >= end + kEnd.size() + (length.empty() ? 0 : std::stoul(length));
}

}  // namespace

std::string ReceivedRequest::field(std::string_view name) const {
  for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line =
        std::string_view(head).substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    if (equalIgnoringAsciiCase(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
  }
  return {};
}

HttpReceiver::HttpReceiver(Respond respond) : respond_(std::move(respond)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the receiver cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

HttpReceiver::~HttpReceiver() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& connection : connections_) connection.join();
  ::close(listener_);
}

bool HttpReceiver::await(std::size_t number) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1),
                           [&] { return requests_.size() >= number; });
}

std::vector<ReceivedRequest> HttpReceiver::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpReceiver::accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

void HttpReceiver::serve(int socket) {
  std::string text;
  std::array<char, 4'096> buffer{};
  while (!isComplete(text)) {
    const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  if (isComplete(text)) {
    const auto end = text.find(kEnd) + kEnd.size();
    const ReceivedRequest request{text.substr(0, end), text.substr(end)};
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = requests_.size();
      requests_.push_back(request);
    }
    const Answer answer = respond_(number, request);
    const std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) +
                              " Said\r\nContent-Type: application/json\r\nConnection: "
                              "close\r\nContent-Length: " +
                              std::to_string(answer.body.size()) + "\r\n" + answer.fields + "\r\n" +
                              answer.body;
    static_cast<void>(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    changed_.notify_all();
  }
  ::close(socket);
}

}  // namespace vestibule::test
