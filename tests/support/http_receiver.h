#pragma once
// A receiver of POST requests on loopback, for one test: one answer a connection.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace vestibule::test {

/// A request as it came.
struct ReceivedRequest {
  std::string head;  ///< with its last empty line
  std::string body;

  /// The value of a field of the header; empty when there is none.
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// Listens on a free port of 127.0.0.1 and remembers what it gets. Connections are served at once,
/// each in its own thread.
class HttpReceiver {
 public:
  /// The status of the answer, its body and more, for the request of this number (from 0). Called
  /// from several threads.
  struct Answer {
    int status = 202;
    std::string body = {};
    std::string fields = {};  ///< further lines of the header, each with its end
  };
  using Respond = std::function<Answer(std::size_t number, const ReceivedRequest& request)>;

  /// Throws std::runtime_error when it cannot listen.
  explicit HttpReceiver(Respond respond);
  HttpReceiver(const HttpReceiver&) = delete;
  HttpReceiver& operator=(const HttpReceiver&) = delete;
  ~HttpReceiver();

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/events";
  }
  /// Waits until there were so many requests; false when that takes more than a minute.
  [[nodiscard]] bool await(std::size_t number);
  [[nodiscard]] std::vector<ReceivedRequest> requests();

 private:
  void accept();
  void serve(int socket);

  Respond respond_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ReceivedRequest> requests_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace vestibule::test
