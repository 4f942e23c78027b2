// What a credential is in the header.

#include "jose/authorization.h"

#include <gtest/gtest.h>

namespace vestibule::jose {
namespace {

TEST(Authorization, OfABearerIsItsToken) {
  EXPECT_EQ(bearerAuthorization("mF_9.B5f-4.1JqM").exposeSecret(), "Bearer mF_9.B5f-4.1JqM");
}

TEST(Authorization, OfAUserIsTheExampleOfTheRfc) {
  // RFC 7617 §2 and §2.1.
  EXPECT_EQ(basicAuthorization("Aladdin", "open sesame").exposeSecret(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basicAuthorization("test", "123\xC2\xA3").exposeSecret(), "Basic dGVzdDoxMjPCow==");
  EXPECT_EQ(basicAuthorization("", "").exposeSecret(), "Basic Og==");
}

}  // namespace
}  // namespace vestibule::jose
