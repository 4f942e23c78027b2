#pragma once
// An HTTP/1.1 server on one address: the transport below the APIs.
//
// listener: accepts -> I/O threads: read -> connection: frames, keeps the order
//                                            -> wire: TLS, writes
//                                            -> dispatcher: routes -> work queue: runs handlers
//                                            -> connection keeper: deadlines, slow readers

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/connection.h"
#include "http/dispatcher.h"
#include "http/router.h"
#include "http/tls_context.h"
#include "http/work_queue.h"

namespace vestibule::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< see Listener::open
  std::uint16_t port = 0;             ///< 0 takes a free one
  std::size_t io_threads = 2;
  std::size_t max_connections = 4096;      ///< beyond: 503 and closed at once; two descriptors each
  std::size_t max_pipelined = 64UL << 10;  ///< bytes kept behind a request that is being answered
  std::size_t max_held = 256UL << 20;  ///< bytes of requests and of answers nobody takes, over all
                                       ///< connections
  FramingLimits limits = {};
  Timeouts timeouts = {};
  BodyAllowance body_allowance = {};
  std::shared_ptr<TlsCertificates> tls = {};  ///< null: plain HTTP
  const RequestReport* report = nullptr;      ///< outlives the server; null: nothing is counted
};

/// What happened so far, for the metrics.
struct ServerCounts {
  std::size_t connections = 0;    ///< open now
  std::size_t answering = 0;      ///< connections with an unanswered request now
  std::size_t held = 0;           ///< bytes of requests and of answers nobody takes now
  std::uint64_t accepted = 0;     ///< connections since the start
  std::uint64_t turned_away = 0;  ///< connections beyond the cap, since the start
  std::uint64_t requests = 0;     ///< complete requests since the start
  std::array<std::uint64_t, kTlsFailures> tls_failures{};  ///< by TlsFailure, since the start
};

/// One listening address. Every request gets exactly one answer, on its own connection or nowhere.
class Server {
 public:
  /// `queue` may be shared with other servers and must outlive this one.
  Server(ServerOptions options, Router router, ErrorRenderer render_error, WorkQueue& queue);
  /// Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Begins to accept. Errors as Listener::open, and kUnavailable when threads or descriptors run
  /// out. Call once.
  [[nodiscard]] Result<void> start();

  /// The port that is bound; after `start`.
  [[nodiscard]] std::uint16_t port() const;

  /// From now on accepts no more connections and answers new requests on open ones by 503.
  void beginDrain();

  /// Waits until the requests accepted before `beginDrain` are answered, at most until `until`.
  /// True when they all are. Call `stop` afterwards.
  [[nodiscard]] bool awaitDrained(std::chrono::steady_clock::time_point until);

  /// Ends all connections and threads at once. Handlers that still run go on, but answer nobody.
  /// May be called twice.
  void stop();

  /// Thread-safe.
  [[nodiscard]] ServerCounts counts() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;  ///< shared with the connections: a late job may outlive the server
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace vestibule::http
