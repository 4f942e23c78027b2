#pragma once
// The address of a database server, read from a URL. Private to store/.

#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::store {

/// What `database.url` says.
struct DatabaseUrl {
  std::string user;
  std::string password;
  std::string host;    ///< empty when `socket` is given
  unsigned port = 0;   ///< 0: the usual one
  std::string socket;  ///< path of a Unix socket
  std::string ssl_ca;
  std::string ssl_cert;
  std::string ssl_key;
  bool ssl_verify = false;  ///< the server must prove its host name

  /// True when the connection must be encrypted.
  [[nodiscard]] bool wantsTls() const {
    return ssl_verify || !ssl_ca.empty() || !ssl_cert.empty() || !ssl_key.empty();
  }
};

/// Reads `mysql://user[:password]@host[:port]/?key=value&…` (see DatabaseOptions::url); an IPv6
/// host stands in brackets. Error kInvalidValue for anything else: another scheme, no user, neither
/// host nor socket or both, a schema in the path, an unknown or repeated parameter, NUL. The text
/// never repeats a value, since it may be the password.
[[nodiscard]] Result<DatabaseUrl> parseDatabaseUrl(std::string_view url);

}  // namespace vestibule::store
