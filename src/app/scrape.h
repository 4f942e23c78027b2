#pragma once
// What a server told at one moment, and what that and an earlier moment say together.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vestibule::app {

/// The metrics of one moment.
class Scrape {
 public:
  using Labels = std::map<std::string, std::string, std::less<>>;

  /// Reads the Prometheus text format; what it does not know, such as time stamps, is an error
  /// kInvalidSyntax with the number of the line.
  [[nodiscard]] static Result<Scrape> read(std::string_view text);

  /// The sum of the series that have these labels, whatever else they have; nothing when there are
  /// none.
  [[nodiscard]] std::optional<double> sum(std::string_view name, const Labels& labels = {}) const;
  /// The values that a label has in the series of this name.
  [[nodiscard]] std::set<std::string> valuesOf(std::string_view name, std::string_view label) const;

 private:
  struct Series {
    Labels labels;
    double value = 0;
  };
  std::map<std::string, std::vector<Series>, std::less<>> series_;
};

/// What happened between two moments.
class Interval {
 public:
  /// Both live as long as this. `seconds` is more than 0.
  Interval(const Scrape& before, const Scrape& after, double seconds)
      : before_(before), after_(after), seconds_(seconds) {}

  /// How much a counter grew in a second; 0 for one that is not there. One that has become smaller
  /// began anew, as Prometheus takes it.
  [[nodiscard]] double rate(std::string_view name, const Scrape::Labels& labels = {}) const;

  /// Within which time this part (0 to 1) of the observations of a histogram fell, in seconds,
  /// interpolated within its bucket as Prometheus's histogram_quantile does; nothing when there
  /// were none.
  [[nodiscard]] std::optional<double> quantile(double part, const std::string& name,
                                               const Scrape::Labels& labels = {}) const;

  [[nodiscard]] const Scrape& after() const { return after_; }

 private:
  [[nodiscard]] double growth(std::string_view name, const Scrape::Labels& labels) const;

  const Scrape& before_;
  const Scrape& after_;
  double seconds_;
};

}  // namespace vestibule::app
