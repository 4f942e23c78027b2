#include "http/error_response.h"

#include <gtest/gtest.h>

#include <string>

namespace vestibule::http {
namespace {

std::string retryAfter(const Response& response) {
  const auto value = response.headers.first("Retry-After");
  return value ? std::string(*value) : "none";
}

TEST(ErrorResponse, SaysWhenToComeAgainWhereThatIsKnown) {
  const struct {
    const char* name;
    ErrorKind kind;
    std::optional<std::uint32_t> retry_after;
    int status;
    const char* header;
  } rows[] = {
      {"too many requests, and for how long", ErrorKind::kTooManyRequests, 1'234, 429, "1234"},
      {"too many requests", ErrorKind::kTooManyRequests, {}, 429, "none"},
      {"unavailable", ErrorKind::kUnavailable, {}, 503, "1"},
      {"unavailable for longer", ErrorKind::kUnavailable, 30, 503, "30"},
      {"nothing that time mends", ErrorKind::kConflict, 30, 409, "none"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Error error{row.kind, "no", {}, {}, {}};
    error.retry_after = row.retry_after;
    for (const auto& response : {scimError(error), problem(error)}) {
      EXPECT_EQ(response.status, row.status);
      EXPECT_EQ(retryAfter(response), row.header);
    }
  }
}

}  // namespace
}  // namespace vestibule::http
