#include "jose/authorization.h"

#include <string>

#include "base/encoding.h"

namespace vestibule::jose {
namespace {

/// In memory that was never moved: nothing of it stays behind elsewhere.
Secret joined(std::string_view front, std::string_view middle, std::string_view back) {
  std::string text;
  text.reserve(front.size() + middle.size() + back.size());
  text.append(front).append(middle).append(back);
  return Secret(std::move(text));
}

}  // namespace

Secret bearerAuthorization(std::string_view token) { return joined("Bearer ", token, {}); }

Secret basicAuthorization(std::string_view user_name, std::string_view password) {
  const Secret both = joined(user_name, ":", password);
  const Secret encoded(toBase64(both.exposeSecret()));
  return joined("Basic ", encoded.exposeSecret(), {});
}

}  // namespace vestibule::jose
