#include "policy/lint.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "json/write.h"
#include "policy/pattern.h"

namespace vestibule::policy {
namespace {

/// One kind of text a policy is about, and the names of its settings.
struct Subject {
  std::string_view java_setting;
  std::string_view java_script_setting;
  std::string_view message_setting;
  std::string PolicySettings::*java;
  std::string PolicySettings::*java_script;
  std::string PolicySettings::*message;
  bool is_name;
};

constexpr Subject kSubjects[] = {
    {"UsernameJavaRegEx", "UsernameJavaScriptRegEx", "UsernameJavaRegExViolationErrorMsg",
     &PolicySettings::username_java, &PolicySettings::username_java_script,
     &PolicySettings::username_violation_message, true},
    {"RolenameJavaRegEx", "RolenameJavaScriptRegEx", "RolenameJavaRegExViolationErrorMsg",
     &PolicySettings::role_name_java, &PolicySettings::role_name_java_script,
     &PolicySettings::role_name_violation_message, true},
    {"PasswordJavaRegEx", "PasswordJavaScriptRegEx", "PasswordJavaRegExViolationErrorMsg",
     &PolicySettings::password_java, &PolicySettings::password_java_script,
     &PolicySettings::password_violation_message, false},
};

constexpr std::string_view kPrintable =
    " !\"#$%&'()*+,-./"
    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
constexpr int kRandomSamples = 1'000;
constexpr std::size_t kLongestRandomSample = 12;
constexpr std::size_t kMaxProbeLetters = 40;

bool isBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string repeated(std::string_view unit, std::size_t size) {
  std::string text;
  while (text.size() + unit.size() <= size) text += unit;
  return text;
}

std::string quote(std::string_view text) {
  std::string out;
  json::appendString(out, text);
  return out;
}

/// The printable ASCII characters of the patterns: those most likely to matter to them.
std::string lettersOf(std::string_view patterns) {
  std::set<char> letters = {'a', 'Z', '0', '.', '@', '-'};
  for (const char c : patterns) {
    if (c > ' ' && c < 0x7F && letters.size() < kMaxProbeLetters) letters.insert(c);
  }
  return {letters.begin(), letters.end()};
}

/// Texts to try on patterns, the plainest first, so that the example a finding shows is a plain
/// one.
std::vector<std::string> samplesFor(std::string_view patterns) {
  std::vector<std::string> samples = {
      "abc",
      "abcd",
      "abcde",
      "abcdef",
      "bob",
      "alice.smith",
      "Alice Smith",
      "alice@example.com",
      "alice@example.technology",
      "12345",
      "Passw0rd!",
      "a-b_c.d",
      "a/b",
      "team/admin",
      "DOMAIN/alice",
      "a|b|c",
      "a@bcd",
      "abc\n",
      " abc",
      "abc ",
      "!!abc",
      "abc!!",
      "ab cdef",
      "\xC3\xA9milie",
      "\xE7\x94\xB0\xE4\xB8\xAD\xE5\xA4\xAA\xE9\x83\x8E",
      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
      "",
  };
  for (const std::size_t size :
       {1U, 2U, 6U, 7U, 8U, 16U, 20U, 29U, 30U, 31U, 32U, 63U, 64U, 65U, 255U, 256U}) {
    samples.push_back(repeated("a", size));
    samples.push_back(repeated("aA1!", size));
  }
  for (const char c : kPrintable) {
    samples.push_back(std::string("ab") + c + "de");
    samples.push_back(c + std::string("bcde"));
    samples.push_back(std::string("abcd") + c);
  }
  const std::string letters = lettersOf(patterns);
  // The same samples every time, so that the same pattern always gets the same findings.
  std::minstd_rand random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  for (int i = 0; i < kRandomSamples; ++i) {
    std::string text;
    for (std::size_t size = random() % (kLongestRandomSample + 1); size > 0; --size) {
      text += letters[random() % letters.size()];
    }
    samples.push_back(std::move(text));
  }
  return samples;
}

/// Looks for a text the pattern cannot be tried on within its limit, and describes it.
std::optional<std::string> findCostlyText(const Pattern& pattern, std::string_view source) {
  const std::string letters = lettersOf(source);
  std::vector<std::string> units;
  for (const char c : letters) units.emplace_back(1, c);
  for (const char c : letters) {
    for (const char separator : {'.', '-', ' '}) units.push_back({c, separator});
  }
  constexpr std::size_t kSize = 900;
  for (const auto& unit : units) {
    for (const std::string_view front : {"", "a@", "a@a."}) {
      for (const std::string_view back : {"", "!", "\x01", "\n"}) {
        std::string text(front);
        text += repeated(unit, kSize);
        text += back;
        if (pattern.test(text) != Match::kLimit) continue;
        return quote(front) + " followed by " + quote(unit) + " repeated to " +
               std::to_string(kSize) + " characters and by " + quote(back);
      }
    }
  }
  return std::nullopt;
}

/// Collects the findings on one policy.
class Linter {
 public:
  explicit Linter(const PolicySettings& settings) : settings_(settings) {}

  std::vector<LintFinding> run() {
    for (const auto& subject : kSubjects) inspect(subject);
    if (settings_.guard_rails && settings_.guard_rails->capsNothing()) {
      add(LintSeverity::kWarning, GuardRailSettings::kName, "POL-2006",
          "there is no cap, so nothing is counted or refused");
    }
    return std::move(findings_);
  }

 private:
  void add(LintSeverity severity, std::string_view setting, const char* code, std::string text) {
    findings_.push_back({severity, std::string(setting), code, std::move(text)});
  }

  std::optional<Pattern> compile(std::string_view setting, const std::string& source,
                                 Dialect dialect) {
    if (isBlank(source)) return std::nullopt;
    auto pattern = Pattern::compile(source, dialect);
    if (!pattern) {
      add(LintSeverity::kError, setting, "POL-1020", pattern.error().detail);
      return std::nullopt;
    }
    return std::move(*pattern);
  }

  void inspect(const Subject& subject) {
    const std::string& java_source = settings_.*subject.java;
    const std::string& java_script_source = settings_.*subject.java_script;
    const auto java = compile(subject.java_setting, java_source, Dialect::kJava);
    const auto java_script =
        compile(subject.java_script_setting, java_script_source, Dialect::kJavaScript);
    const auto samples = samplesFor(java_source + java_script_source);

    if (java && java_script) inspectPair(subject, *java, *java_script, samples);
    if (subject.is_name && (java || java_script)) inspectSlash(subject, java, java_script, samples);
    if (java) inspectCost(subject.java_setting, *java, java_source);
    if (java_script) {
      inspectCost(subject.java_script_setting, *java_script, java_script_source);
      inspectAnchors(subject, *java_script, java_script_source, samples);
    }
    if (isBlank(java_source) && isBlank(java_script_source) &&
        !isBlank(settings_.*subject.message)) {
      add(LintSeverity::kNote, subject.message_setting, "POL-2005",
          "there is no pattern, so this message is never shown");
    }
  }

  void inspectPair(const Subject& subject, const Pattern& java, const Pattern& java_script,
                   const std::vector<std::string>& samples) {
    bool java_alone = false;
    bool java_script_alone = false;
    for (const auto& sample : samples) {
      const bool by_java = java.test(sample) == Match::kYes;
      const bool by_java_script = java_script.test(sample) == Match::kYes;
      if (by_java && !by_java_script && !java_alone) {
        java_alone = true;
        add(LintSeverity::kWarning, subject.java_script_setting, "POL-2001",
            quote(sample) + " is permitted by " + std::string(subject.java_setting) +
                " but not by this pattern; a text has to satisfy both");
      }
      if (by_java_script && !by_java && !java_script_alone) {
        java_script_alone = true;
        add(LintSeverity::kWarning, subject.java_setting, "POL-2001",
            quote(sample) + " is permitted by " + std::string(subject.java_script_setting) +
                " but not by this pattern; a text has to satisfy both");
      }
    }
  }

  void inspectSlash(const Subject& subject, const std::optional<Pattern>& java,
                    const std::optional<Pattern>& java_script,
                    const std::vector<std::string>& samples) {
    const auto permits = [](const std::optional<Pattern>& pattern, const std::string& text) {
      return !pattern || pattern->test(text) == Match::kYes;
    };
    const auto found = std::find_if(samples.begin(), samples.end(), [&](const std::string& text) {
      return text.find('/') != std::string::npos && permits(java, text) &&
             permits(java_script, text);
    });
    if (found == samples.end()) return;
    add(LintSeverity::kWarning, java ? subject.java_setting : subject.java_script_setting,
        "POL-2002",
        quote(*found) + " is permitted, but the first / of a name ends the name of its domain");
  }

  void inspectCost(std::string_view setting, const Pattern& pattern, std::string_view source) {
    if (const auto text = findCostlyText(pattern, source)) {
      add(LintSeverity::kWarning, setting, "POL-2003",
          "texts can be made on which the pattern meets its limit of work and which are refused "
          "for that: " +
              *text);
    }
  }

  /// Compares the pattern with itself made to match from end to end.
  void inspectAnchors(const Subject& subject, const Pattern& pattern, const std::string& source,
                      const std::vector<std::string>& samples) {
    const auto whole = Pattern::compile("^(?:" + source + ")$", Dialect::kJavaScript);
    // Seven bytes short of the longest pattern there is no room for the anchors, and nothing can be
    // said.
    if (!whole) return;
    for (const auto& sample : samples) {
      if (pattern.test(sample) == Match::kYes && whole->test(sample) == Match::kNo) {
        add(LintSeverity::kWarning, subject.java_script_setting, "POL-2004",
            quote(sample) +
                " is permitted although only a part of it matches; put ^ in front "
                "and $ behind");
        return;
      }
    }
  }

  const PolicySettings& settings_;
  std::vector<LintFinding> findings_;
};

}  // namespace

std::string_view severityName(LintSeverity severity) {
  switch (severity) {
    case LintSeverity::kNote:
      return "note";
    case LintSeverity::kWarning:
      return "warning";
    case LintSeverity::kError:
      return "error";
  }
  return "";
}

std::vector<LintFinding> lint(const PolicySettings& settings) { return Linter(settings).run(); }

}  // namespace vestibule::policy
