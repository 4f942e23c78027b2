#include "http/language.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

struct Choice {
  std::string accept_language;
  std::vector<std::string> available;
  std::string chosen;
};
void PrintTo(const Choice& choice, std::ostream* out) { *out << choice.accept_language; }

class LanguageChoice : public testing::TestWithParam<Choice> {};

TEST_P(LanguageChoice, FollowsWeightAndOrder) {
  EXPECT_EQ(chooseLanguage(GetParam().accept_language, GetParam().available), GetParam().chosen);
}

const std::vector<std::string> kTwo = {"en", "de"};
const std::vector<std::string> kMore = {"en", "de", "pt-BR", "zh-Hant"};

INSTANTIATE_TEST_SUITE_P(
    Fields, LanguageChoice,
    testing::Values(Choice{"", kTwo, "en"}, Choice{"de", kTwo, "de"}, Choice{"DE", kTwo, "de"},
                    Choice{"de-AT", kTwo, "de"}, Choice{"de-Latn-AT-1996", kTwo, "de"},
                    Choice{"fr", kTwo, "en"}, Choice{"fr, de;q=0.1", kTwo, "de"},
                    Choice{"de;q=0.5, en;q=0.9", kTwo, "en"}, Choice{"de, en", kTwo, "de"},
                    Choice{"en, de", kTwo, "en"}, Choice{"de ; q=0.9 , en ; q=0.8", kTwo, "de"},
                    Choice{"de;q=0", kTwo, "en"}, Choice{"*, en;q=0", kTwo, "de"},
                    Choice{"*", kTwo, "en"}, Choice{"fr, *;q=0.5", kTwo, "en"},
                    Choice{"de;q=1.000", kTwo, "de"}, Choice{"de;q=1.001, en;q=0.1", kTwo, "en"},
                    Choice{"de;q=2", kTwo, "en"}, Choice{"de;q=0.0001", kTwo, "en"},
                    Choice{"de;q=x", kTwo, "en"}, Choice{"de;x=1", kTwo, "en"},
                    Choice{",,de,,", kTwo, "de"}, Choice{"d_e, de", kTwo, "de"},
                    Choice{"german, de", kTwo, "de"}, Choice{"dede", kTwo, "en"},
                    Choice{"pt", kMore, "pt-BR"}, Choice{"pt-PT", kMore, "en"},
                    Choice{"zh-Hant-TW", kMore, "zh-Hant"}, Choice{"zh", kMore, "zh-Hant"},
                    Choice{"pt-BR;q=0, pt", kMore, "en"}));

TEST(LanguageChoice, StopsReadingAfterManyRanges) {
  std::string field;
  for (int i = 0; i < 32; ++i) field += "fr,";
  EXPECT_EQ(chooseLanguage(field + "de", kTwo), "en");
  EXPECT_EQ(chooseLanguage(std::string(100'000, ','), kTwo), "en");
}

}  // namespace
}  // namespace vestibule::http
