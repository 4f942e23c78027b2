#pragma once
// Where an issuer's keys are: a file of this machine or an https URL.

#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::jose {

/// A place to read a JWK Set from.
struct KeyLocation {
  bool is_file = false;
  std::string target;  ///< the absolute path or the URL
};

/// Reads an absolute path, a `file:///` URL or an https URL. Error kInvalidValue with a reason for
/// every other text: a relative path, another scheme (http among them: who answers it decides who
/// signs in), a URL without host, with a user, a fragment, white space or anything beyond ASCII,
/// and for more than 2,000 bytes.
[[nodiscard]] Result<KeyLocation> readKeyLocation(std::string_view text);

}  // namespace vestibule::jose
