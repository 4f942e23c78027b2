#include "scim/lines/csv_reader.h"

#include <gtest/gtest.h>

#include "scim/lines/csv_text.h"

namespace vestibule::scim {
namespace {

/// Rows as text: fields in brackets, `!` for one that was refused, each with its line.
std::string read(std::string_view text, std::size_t piece, char separator = ',',
                 std::size_t most_bytes = 100) {
  CsvReader reader(separator, most_bytes);
  std::string rows;
  const auto take = [&] {
    while (const auto row = reader.next()) {
      rows += std::to_string(row->line) + ":";
      if (row->refused) rows += "!" + row->refused->detail;
      for (const auto& field : row->fields) rows += "[" + field + "]";
      rows += "\n";
    }
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
    take();
  }
  reader.finish();
  take();
  return rows;
}

struct Case {
  const char* name;
  std::string text;
  std::string rows;
};

class CsvReaderTest : public testing::TestWithParam<Case> {};

TEST_P(CsvReaderTest, ReadsWhateverThePieces) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1'000U}) {
    EXPECT_EQ(read(GetParam().text, piece), GetParam().rows) << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CsvReaderTest,
    testing::Values(
        Case{"nothing", "", ""}, Case{"one_row", "a,b\n", "1:[a][b]\n"},
        Case{"last_line_without_end", "a,b", "1:[a][b]\n"},
        Case{"crlf", "a,b\r\nc,d\r\n", "1:[a][b]\n2:[c][d]\n"},
        Case{"empty_fields", ",\n", "1:[][]\n"},
        Case{"blank_lines_are_no_rows", "a\n\n\r\nb\n", "1:[a]\n4:[b]\n"},
        Case{"blanks_are_kept", " a , b \n", "1:[ a ][ b ]\n"},
        Case{"quotes", "\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d]\n"},
        Case{"empty_quotes", "\"\"\n", "1:[]\n"},
        Case{"line_ends_in_quotes", "\"a\nb\r\nc\",d\ne\n", "1:[a\nb\r\nc][d]\n4:[e]\n"},
        Case{"byte_order_mark", "\xEF\xBB\xBFname\nx\n", "1:[name]\n2:[x]\n"},
        Case{"quote_inside", "a\"b,c\nd\n",
             "1:!field 1 has a quote inside, and none in front\n2:[d]\n"},
        Case{"text_behind_quote", "x,\"a\"b\nd\n",
             "1:!field 2 has text behind its closing quote\n2:[d]\n"},
        Case{"quote_never_closed", "a\n\"b,c\nd",
             "1:[a]\n2:!field 1 has a quote that is not closed\n"},
        Case{"bare_carriage_return", "a\rb\nc\n",
             "1:!field 1 has a carriage return without a line feed\n2:[c]\n"},
        Case{"no_utf8", "a\xC0\xAF,b\nc\n", "1:!field 1 is not UTF-8 text\n2:[c]\n"},
        Case{"nul", std::string("a\0,b\nc\n", 7), "1:!field 1 is not UTF-8 text\n2:[c]\n"},
        Case{"too_large", std::string(200, 'x') + "\nc\n",
             "1:!field 1 makes the row larger than 100 bytes\n2:[c]\n"}),
    [](const auto& test) { return test.param.name; });

TEST(CsvReader, TakesAnotherSeparator) {
  EXPECT_EQ(read("a,b;c\n", 100, ';'), "1:[a,b][c]\n");
  EXPECT_EQ(read("a\tb\n", 100, '\t'), "1:[a][b]\n");
}

TEST(CsvText, IsReadBackAsItWas) {
  const std::vector<std::vector<std::string>> rows = {
      {"plain", "with,comma", "with \"quotes\"", "with\nline", "with\rreturn", ""},
      {""},
      {"", ""},
      {"\xEF\xBB\xBF"
       "first"},
  };
  for (const char separator : {',', ';', '\t'}) {
    std::string text;
    for (const auto& row : rows) appendCsvRow(text, row, separator);
    CsvReader reader(separator);
    reader.feed(text);
    reader.finish();
    for (const auto& row : rows) {
      const auto read = reader.next();
      ASSERT_TRUE(read);
      EXPECT_FALSE(read->refused);
      EXPECT_EQ(read->fields, row);
    }
    EXPECT_FALSE(reader.next());
  }
}

}  // namespace
}  // namespace vestibule::scim
