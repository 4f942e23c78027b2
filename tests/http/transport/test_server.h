#pragma once
// A server of the transport alone, with handlers that show what arrived, wait, fail, or answer at
// length.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "http/server.h"
#include "support/raw_client.h"
#include "support/sanitized.h"

namespace vestibule::http {

using std::chrono::milliseconds;

/// Holds handlers back until it is opened, and tells when the first has come.
class Gate {
 public:
  void pass() {
    if (entered_.fetch_add(1) == 0) first_.set_value();
    opened_.wait();
  }
  void waitForFirst() { first_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::atomic<int> entered_{0};
  std::promise<void> first_;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

inline Response text(std::string body) {
  Response response;
  response.headers.set("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

/// What `/pieces` repeats.
inline constexpr std::string_view kPiece = "0123456789abcdef0123456789abcdef";

inline Response renderError(int status, std::string_view detail) {
  auto response = text("refused: " + std::string(detail));
  response.status = status;
  return response;
}

inline Router testRoutes(Gate& gate) {
  Router router;
  const auto echo = [](const Request& request) {
    std::string body = std::string(methodName(request.method)) + ' ' + request.path + '\n';
    for (const auto& [name, value] : request.query) body += name + '=' + value + '\n';
    body += "host=" + std::string(request.headers.first("Host").value_or("none")) + '\n';
    return text(body + request.body);
  };
  for (const auto method : {Method::kGet, Method::kPost}) {
    router.add(method, "/", echo);
    router.add(method, "/echo", echo);
  }
  router.add(Method::kGet, "/secure",
             [](const Request& request) { return text(request.secure ? "by TLS" : "plain"); });
  router.add(Method::kPost, "/bulk", echo, {.body_limit = 3 * 1024 * 1024});
  const auto id = [](const Request& request) {
    return text("id=" + std::string(request.parameter("id")));
  };
  router.add(Method::kGet, "/id/{id}", id);
  router.add(Method::kGet, "/inline/{id}", id, {.run_inline = true});
  const auto at_hand = [](const Request& request) -> std::optional<Response> {
    const auto which = request.parameter("id");
    if (which == "broken") throw std::runtime_error("a secret");
    if (which == "kept") return text("at hand");
    return std::nullopt;
  };
  router.add(Method::kGet, "/at-hand/{id}", id, {.answer_at_hand = at_hand});
  router.add(Method::kGet, "/large/{size}", [](const Request& request) {
    return text(std::string(std::stoul(std::string(request.parameter("size"))), 'x'));
  });
  const auto pieces = [](const Request& request) {
    auto response = text("begin ");
    const auto count = std::stoul(std::string(request.parameter("count")));
    response.rest = [left = count]() mutable -> Result<std::string> {
      return left-- > 0 ? std::string(kPiece) : std::string();
    };
    return response;
  };
  router.add(Method::kGet, "/pieces/{count}", pieces);
  router.add(Method::kGet, "/inline-pieces/{count}", pieces, {.run_inline = true});
  router.add(Method::kGet, "/broken-after/{count}", [pieces](const Request& request) {
    auto response = pieces(request);
    response.rest = [good = std::move(response.rest)]() mutable -> Result<std::string> {
      auto piece = good();
      if (piece->empty()) return internalFailure("the database has gone");
      return piece;
    };
    return response;
  });
  router.add(Method::kGet, "/throw-later", [](const Request&) {
    auto response = text("begin ");
    response.rest = []() -> Result<std::string> { throw std::runtime_error("a secret"); };
    return response;
  });
  router.add(Method::kGet, "/gate", [&gate](const Request&) {
    gate.pass();
    return text("passed");
  });
  router.add(Method::kGet, "/throw",
             [](const Request&) -> Response { throw std::runtime_error("a secret"); });
  router.add(Method::kGet, "/throw-number", [](const Request&) -> Response { throw 42; });
  router.add(Method::kGet, "/headers", [](const Request&) {
    auto response = text("body");
    response.headers.add("Location", "/x\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK");
    response.headers.add("Bad\r\nName", "y");
    response.headers.add("Content-Length", "4000");
    return response;
  });
  router.add(Method::kDelete, "/id/{id}", [](const Request&) {
    Response response;
    response.status = 204;
    return response;
  });
  return router;
}

/// The options, with room for the thread sanitizer, which makes each byte of a body a multiple as
/// dear.
inline ServerOptions instrumented(ServerOptions options) {
#ifdef VESTIBULE_THREAD_SANITIZED
  options.body_allowance.time_per_byte *= 4;
#endif
  return options;
}

/// A running server on a free port.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}, WorkQueueOptions queue_options = {.workers = 4})
      : queue_(std::make_unique<WorkQueue>(queue_options)),
        server_(std::make_unique<Server>(instrumented(std::move(options)), testRoutes(gate),
                                         renderError, *queue_)) {
    const auto started = server_->start();
    if (!started) throw std::runtime_error(started.error().detail);
  }

  [[nodiscard]] test::RawClient connect() const { return test::RawClient(server_->port()); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  WorkQueue& queue() { return *queue_; }

  Gate gate;

 private:
  std::unique_ptr<WorkQueue> queue_;
  std::unique_ptr<Server> server_;
};

inline std::string get(std::string_view target, std::string_view more = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

inline std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// True when the condition comes to hold within ten seconds.
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

/// Sends a request on a new connection and returns the status of the answer, 0 for none.
inline int statusOf(const TestServer& server, const std::string& request) {
  auto client = server.connect();
  if (!client.send(request)) return 0;
  const auto answer = client.receive();
  return answer ? answer->status : 0;
}

}  // namespace vestibule::http
