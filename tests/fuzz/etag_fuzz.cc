// If-Match and If-None-Match: read as a list or refused, and what was read decides without failing.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariant.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

using fuzz::require;

void tryTags(const std::string& text) {
  Request request;
  request.headers.add("If-Match", text);
  request.headers.add("If-None-Match", text);
  const auto read = readPreconditions(request);
  if (!read) {
    require(read.error().kind == ErrorKind::kInvalidValue, "errors are invalidValue");
    return;
  }
  require(read->has_if_match && read->has_if_none_match, "both fields were there");
  require(read->if_match_any != !read->if_match.empty(), "a field is * or has tags", text);
  require(read->if_match == read->if_none_match, "both fields are read alike", text);
  for (const auto& tag : read->if_match) {
    require(tag.size() >= 2 && tag.front() == '"' && tag.back() == '"', "tags are quoted", tag);
  }
  for (const std::uint64_t number : {0ULL, 1ULL, 7ULL, ~0ULL}) {
    const Version version(number);
    require(!read->checkWrite(version), "no version is asked for and ruled out at once", text);
    require(!read->if_match_any || read->isNotModified(version), "* names every version");
  }
}

}  // namespace
}  // namespace vestibule::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::http::tryTags(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
