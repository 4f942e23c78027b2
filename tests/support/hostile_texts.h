#pragma once
// Texts that break careless quoting, and texts that mean more than themselves in a pattern.

#include <string>
#include <vector>

namespace vestibule::test {

/// Valid UTF-8 without NUL, each different from the others.
inline const std::vector<std::string>& hostileTexts() {
  static const std::vector<std::string> kTexts = {
      "'",
      "''",
      "\"",
      "\\",
      "\\'",
      "\\\\'",
      "'; DROP TABLE things; -- ",
      "' OR '1'='1",
      "x' UNION SELECT user FROM mysql.user -- ",
      "\\' OR 1=1 /*",
      ":name :1 ? ?? %s %n",
      "{schema} {control} {domain} (...)",
      "%",
      "_",
      "%_%",
      "\\%",
      "100%",
      "100_",
      "a%z",
      "a_z",
      "a\\_z",
      "abz",
      ".*",
      "[a-z]",
      "$1 ${jndi:x}",
      "\x1a",
      "\x08\t\n\r",
      "`things`",
      "--;",
      "/*! SELECT 1 */",
      "\xe4\xb8\xad'\xe6\x96\x87",  // CJK with a quote between
      "\xf0\x9f\x98\x80'\\",        // outside the basic plane
      "\xef\xbc\x87",               // full-width apostrophe
      "\xca\xbc",                   // modifier letter apostrophe
      "\xc2\xa5'\xe2\x82\xa9\\",    // yen and won signs, backslashes elsewhere
      "\xe8\xa1\xa8'",              // whose second byte is 0x5c in Shift-JIS
      "\xce\xb1\xcc\x81",
      std::string(400, '\''),
      std::string(400, '\\'),
  };
  return kTexts;
}

}  // namespace vestibule::test
