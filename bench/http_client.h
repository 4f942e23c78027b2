#pragma once
// Keep-alive HTTP/1.1 connections, plain or by TLS, one request under way on each, driven by epoll.
// For the load generator: it trusts the server to send Content-Length, and to be who it is.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measurement.h"

namespace vestibule::bench {

/// A request as bytes, and what its answer has to be.
struct Request {
  std::string bytes;
  int status = 200;
  std::array<std::string, 2> needles;  ///< both stand in the answer, head or body

  /// Why the answer is not that; nothing when it is.
  [[nodiscard]] std::optional<std::string> mismatch(int got, std::string_view answer) const;
};

/// Where to connect to.
struct Endpoint {
  std::string host;  ///< an IPv4 address
  std::uint16_t port = 0;
  bool tls = false;

  /// Reads `http://127.0.0.1:8080`, or the same with https. Nothing for any other text.
  [[nodiscard]] static std::optional<Endpoint> parse(std::string_view url);
};

/// Writes the next request into its argument; false when there is none left.
using NextRequest = std::function<bool(Request&)>;

/// Opens `connections` to the endpoint and keeps one request under way on each until the window
/// ends. Counts as an error: an answer that is not as expected, a connection that breaks (it is
/// opened again). A process that cannot connect at all reports that as its one error and returns.
/// TLS is of the newest version that both know; handshakes of connections opened at the beginning
/// are over before the window.
void driveConnections(const Endpoint& endpoint, unsigned connections, const NextRequest& next,
                      const Window& window, Samples& samples);

}  // namespace vestibule::bench
