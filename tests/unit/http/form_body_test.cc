#include "http/form_body.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

struct Readable {
  std::string body;
  FormFields fields;
};
void PrintTo(const Readable& body, std::ostream* out) { *out << body.body; }

class ReadableForm : public testing::TestWithParam<Readable> {};

TEST_P(ReadableForm, IsDecodedOnce) {
  const auto fields = parseFormBody(GetParam().body);
  ASSERT_TRUE(fields.has_value()) << fields.error().detail;
  EXPECT_EQ(*fields, GetParam().fields);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ReadableForm,
    testing::Values(Readable{"", {}}, Readable{"a=", {{"a", ""}}}, Readable{"a=b", {{"a", "b"}}},
                    Readable{"a=b&c=d&a=e", {{"a", "b"}, {"c", "d"}, {"a", "e"}}},
                    Readable{"a=b=c", {{"a", "b=c"}}}, Readable{"a+b=c+d", {{"a b", "c d"}}},
                    Readable{"a=%2B%26%3D%25", {{"a", "+&=%"}}},
                    Readable{"a=%2541", {{"a", "%41"}}},
                    Readable{"a=%c3%BC%F0%9F%98%80", {{"a", "ü😀"}}},
                    Readable{"a=x%0D%0Ay", {{"a", "x\r\ny"}}},
                    Readable{"consent%3Aterms%3A3=shown", {{"consent:terms:3", "shown"}}},
                    Readable{"emails[type]=*-._~!'()", {{"emails[type]", "*-._~!'()"}}}));

class UnreadableForm : public testing::TestWithParam<std::string> {};

TEST_P(UnreadableForm, IsRefusedWithoutItsValues) {
  const auto fields = parseFormBody(GetParam());
  ASSERT_FALSE(fields.has_value());
  EXPECT_EQ(fields.error().kind, ErrorKind::kInvalidSyntax);
  EXPECT_EQ(fields.error().detail.find("secret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Forms, UnreadableForm,
                         testing::Values("secret", "a&b=c", "=secret", "&", "a=b&", "&a=b",
                                         "a=b&&c=d", "a=secret%", "a=%4", "a=%zz", "a=%-1",
                                         "a=secret%00", "%00=a", "a=b c", "a=\xC3\xBC", "a=%C3",
                                         "a=%ED%A0%80", "a=%C0%80", "a=b\n", "a=\x7F",
                                         std::string("a=\0b", 4)));

TEST(FormBody, HasItsLimits) {
  FormLimits limits;
  limits.bytes = 20;
  limits.fields = 2;
  EXPECT_TRUE(parseFormBody("a=1&b=2", limits).has_value());
  EXPECT_EQ(parseFormBody("a=1&b=2&c=3", limits).error().kind, ErrorKind::kPayloadTooLarge);
  EXPECT_TRUE(parseFormBody("a=" + std::string(18, 'x'), limits).has_value());
  EXPECT_EQ(parseFormBody("a=" + std::string(19, 'x'), limits).error().kind,
            ErrorKind::kPayloadTooLarge);
}

TEST(FormBody, IsToldByItsMediaType) {
  for (const auto* type : {"application/x-www-form-urlencoded", "Application/X-WWW-Form-URLEncoded",
                           "application/x-www-form-urlencoded; charset=UTF-8",
                           "application/x-www-form-urlencoded ;charset=\"utf-8\""}) {
    EXPECT_TRUE(isFormBody(type)) << type;
  }
  for (const auto* type : {"", "text/plain", "multipart/form-data", "application/json",
                           "application/x-www-form-urlencoded; charset=iso-8859-1",
                           "application/x-www-form-urlencoded2"}) {
    EXPECT_FALSE(isFormBody(type)) << type;
  }
}

}  // namespace
}  // namespace vestibule::http
