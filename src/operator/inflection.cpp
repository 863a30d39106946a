#include "src/operator/inflection.hpp"

#include <algorithm>
#include <span>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

struct Irregular {
  std::string_view plural;
  std::array<std::string_view, SingularForms::most> singulars;  // "" behind the last
};
constexpr auto irregulars = std::to_array<Irregular>({
    {"analyses", {"analysis"}},
    {"appendices", {"appendix"}},
    {"axes", {"axis", "axe", "ax"}},
    {"bases", {"basis", "base"}},
    {"calves", {"calf"}},
    {"children", {"child"}},
    {"codices", {"codex"}},
    {"crises", {"crisis"}},
    {"criteria", {"criterion"}},
    {"data", {"datum"}},
    {"diagnoses", {"diagnosis"}},
    {"ellipses", {"ellipsis", "ellipse"}},
    {"elves", {"elf"}},
    {"emphases", {"emphasis"}},
    {"feet", {"foot"}},
    {"geese", {"goose"}},
    {"halves", {"half"}},
    {"hypotheses", {"hypothesis"}},
    {"indices", {"index"}},
    {"knives", {"knife"}},
    {"leaves", {"leaf", "leave"}},
    {"lives", {"life"}},
    {"loaves", {"loaf"}},
    {"matrices", {"matrix"}},
    {"media", {"medium"}},
    {"men", {"man"}},
    {"mice", {"mouse"}},
    {"oases", {"oasis"}},
    {"oxen", {"ox"}},
    {"parentheses", {"parenthesis"}},
    {"people", {"person"}},
    {"phenomena", {"phenomenon"}},
    {"prognoses", {"prognosis"}},
    {"quizzes", {"quiz"}},
    {"schemata", {"schema"}},
    {"selves", {"self"}},
    {"shelves", {"shelf"}},
    {"synopses", {"synopsis"}},
    {"teeth", {"tooth"}},
    {"theses", {"thesis"}},
    {"thieves", {"thief"}},
    {"vertices", {"vertex"}},
    {"vortices", {"vortex"}},
    {"wives", {"wife"}},
    {"wolves", {"wolf"}},
    {"women", {"woman"}},
});
static_assert(std::ranges::is_sorted(irregulars, {}, &Irregular::plural));

/// Words in "s" that are no plurals, or look the same in both numbers.
constexpr auto whole_words = std::to_array<std::string_view>({
    "aws", "cms",  "corps", "css", "dns", "fps", "gas",    "gps", "https",   "ios", "kudos", "lens",
    "nfs", "news", "os",    "pos", "qps", "rps", "series", "sms", "species", "tls", "tps",   "vps",
});

/// The same, also at the end of a word that is written together: "emailalias".
constexpr auto guarded_endings =
    std::to_array<std::string_view>({"alias", "asbestos", "atlas", "bias", "canvas", "chaos",
                                     "cosmos", "ethos", "pathos", "thermos"});

/// Plurals that end as singulars mostly do, in "is" and "us".
constexpr auto plural_endings = std::to_array<std::string_view>(
    {"apis", "cpus", "emojis", "emus", "gpus", "guis", "gurus", "kpis", "menus", "pois", "skis",
     "skus", "taxis", "uris", "wikis"});

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool ends_with_one_of(std::string_view word, std::span<const std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view each) { return word.ends_with(each); });
}

/// Is the "s" at the end no more than a letter of the singular?
bool is_guarded(std::string_view word) {
  if (word.ends_with("ss") || is_one_of(word, whole_words)) return true;
  if (word.ends_with("us") || word.ends_with("is")) return !ends_with_one_of(word, plural_endings);
  return ends_with_one_of(word, guarded_endings);
}

bool is_vowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }

SingularForms without_ending(std::string_view word) {
  const std::string without_s(word.substr(0, word.size() - 1));
  const std::string without_es(word.substr(0, word.size() - 2));
  constexpr std::size_t shortest_in_y = 5;  // ties, pies, lies: their singulars end in "ie"
  constexpr auto always_es = std::to_array<std::string_view>({"sses", "shes", "xes", "zzes"});
  constexpr auto perhaps_es = std::to_array<std::string_view>({"ses", "ches", "zes", "oes"});

  if (word.ends_with("ies") && word.size() >= shortest_in_y && !is_vowel(word[word.size() - 4])) {
    const std::string stem(word.substr(0, word.size() - 3));
    return {stem + "y", without_s};  // entries, movies
  }
  if (ends_with_one_of(word, always_es)) return SingularForms(without_es);
  if (ends_with_one_of(word, perhaps_es)) return {without_es, without_s};  // statuses, houses
  return SingularForms(without_s);
}

}  // namespace

void Inflections::add(std::string_view singular, std::string_view plural) {
  pairs_.emplace_back(lower_case(singular), lower_case(plural));
}

SingularForms Inflections::singular_forms(std::string_view word) const {
  for (const auto& [singular, plural] : pairs_)
    if (word == singular || word == plural) return SingularForms(singular);

  if (const auto* found = std::ranges::lower_bound(irregulars, word, {}, &Irregular::plural);
      found != irregulars.end() && found->plural == word) {
    SingularForms forms{std::string(found->singulars[0])};
    for (const std::string_view other : std::span(found->singulars).subspan(1))
      if (!other.empty()) forms.add(std::string(other));
    return forms;
  }

  constexpr std::size_t shortest_plural = 3;  // ids; ms, os and is are none
  if (word.size() < shortest_plural || !word.ends_with('s') || is_guarded(word))
    return SingularForms(std::string(word));
  return without_ending(word);
}

}  // namespace pgreactor::operators
