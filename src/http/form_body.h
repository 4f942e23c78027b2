#pragma once
// What an HTML form sends (WHATWG URL §5.1, application/x-www-form-urlencoded).

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vestibule::http {

/// Names and values in the order they came, duplicates kept.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// What a form may be at most.
struct FormLimits {
  std::size_t bytes = std::size_t{64} * 1024;  ///< as sent
  std::size_t fields = 2'000;
};

/// True for the media type of such a body, in any case and with or without `charset=utf-8`.
[[nodiscard]] bool isFormBody(std::string_view content_type);

/// Reads a body as browsers write it: `name=value` pairs with `&` between them, `+` for a space,
/// all that is not plain ASCII percent-encoded. Error kInvalidSyntax, without any value, for
/// whatever no browser writes: a pair without `=` or without a name, a bad percent escape, a raw
/// byte that had to be encoded, text that is not UTF-8, NUL. Error kPayloadTooLarge beyond the
/// limits. An empty body is a form without fields. O(size). Thread-safe.
[[nodiscard]] Result<FormFields> parseFormBody(std::string_view body,
                                               const FormLimits& limits = {});

}  // namespace vestibule::http
