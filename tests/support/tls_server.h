#pragma once
// A small https server for one test: one answer a connection, with every freedom to misbehave.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.h"

// OpenSSL's name for it.
struct ssl_ctx_st;

namespace vestibule::test {

/// Listens on a free port of 127.0.0.1. Connections are served at once, each in its own thread.
class TlsServer {
 public:
  /// What to answer to a request: the complete bytes. Called from several threads.
  using Answer = std::function<std::string(const std::string& request)>;

  /// Throws std::runtime_error when it cannot listen.
  TlsServer(const Certificate& certificate, Answer answer);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  /// Closes every connection and waits for the threads; an answer that is being made has to end.
  ~TlsServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Requests that were read to their end.
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void accept();
  void serve(int socket);

  Answer answer_;
  ssl_ctx_st* context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

/// 200 with this body and further complete header lines.
[[nodiscard]] std::string httpAnswer(const std::string& body,
                                     const std::vector<std::string>& lines = {},
                                     const std::string& status = "200 OK");

}  // namespace vestibule::test
