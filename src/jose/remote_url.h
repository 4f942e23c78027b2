#pragma once
// URLs of other systems that settings name: what all of them have to be, and which of them stay on
// this machine.

#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::jose {

/// What is of interest in a URL.
struct RemoteUrl {
  bool is_https = false;     ///< else it is http
  bool is_loopback = false;  ///< its host is `localhost`, of 127.0.0.0/8 in four numbers, or [::1]
  bool has_query = false;
  std::string origin;  ///< scheme, host and port, in one form (RFC 6454 §4)
};

/// Why the text can be neither a URL nor a path in settings: it has white space, anything beyond
/// ASCII or more than 2,000 bytes. Empty when it can.
[[nodiscard]] std::string_view faultOfCharacters(std::string_view text);

/// Reads an absolute http or https URL (RFC 3986). Error kInvalidValue with a reason, also for one
/// without host, with a user, with a port that is no number, and with a fragment. Whether it may be
/// http is for the caller to say.
[[nodiscard]] Result<RemoteUrl> readRemoteUrl(std::string_view text);

}  // namespace vestibule::jose
