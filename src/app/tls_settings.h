#pragma once
// The TLS of both addresses, as the configuration has it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "http/tls_context.h"

namespace vestibule::app {

/// The certificates of both addresses; null for one that serves plain HTTP.
struct TlsOfAddresses {
  std::shared_ptr<http::TlsCertificates> public_side;
  std::shared_ptr<http::TlsCertificates> internal_side;
};

/// Something wrong with the files of one address.
struct TlsFinding {
  bool fatal = false;  ///< TLS cannot be served with them
  std::string where;   ///< `server.public_tls` or `server.internal_tls`
  std::string text;
};

/// Reads the files and logs warnings. Errors are for the operator.
[[nodiscard]] Result<TlsOfAddresses> openTls(const Config& config);

/// Reads the files of both addresses again. What cannot be used is told in the log, and its address
/// goes on with what it has.
void reloadTls(const TlsOfAddresses& tls);

/// Reads the files and says what is wrong with them.
[[nodiscard]] std::vector<TlsFinding> checkTls(const Config& config);

}  // namespace vestibule::app
