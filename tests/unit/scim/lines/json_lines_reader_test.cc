#include "scim/lines/json_lines_reader.h"

#include <gtest/gtest.h>

namespace vestibule::scim {
namespace {

std::string read(std::string_view text, std::size_t piece) {
  JsonLinesReader reader(10);
  std::string lines;
  const auto take = [&] {
    while (const auto record = reader.next()) {
      lines += std::to_string(record->line) + ":" +
               (record->refused ? "!" : record->fields.front()) + "\n";
    }
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
    take();
  }
  reader.finish();
  take();
  EXPECT_FALSE(reader.next());
  return lines;
}

struct Case {
  const char* name;
  std::string text;
  std::string lines;
};

class JsonLinesReaderTest : public testing::TestWithParam<Case> {};

TEST_P(JsonLinesReaderTest, ReadsWhateverThePieces) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1'000U}) {
    EXPECT_EQ(read(GetParam().text, piece), GetParam().lines) << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lines, JsonLinesReaderTest,
    testing::Values(Case{"nothing", "", ""}, Case{"one", "{}\n", "1:{}\n"},
                    Case{"last_without_end", "{}\n[]", "1:{}\n2:[]\n"},
                    Case{"crlf", "{}\r\n[]\r\n", "1:{}\n2:[]\n"},
                    Case{"blank_lines", "\n{}\n \t\n\r\n[]\n\n", "2:{}\n5:[]\n"},
                    Case{"byte_order_mark", "\xEF\xBB\xBF{}\n", "1:{}\n"},
                    Case{"too_large", "{}\n12345678901\n[]\n", "1:{}\n2:!\n3:[]\n"},
                    Case{"much_too_large", std::string(500, 'x') + "\n[]\n", "1:!\n2:[]\n"},
                    Case{"too_large_at_the_end", "{}\n" + std::string(50, 'x'), "1:{}\n2:!\n"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vestibule::scim
