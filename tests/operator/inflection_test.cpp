#include "src/operator/inflection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<std::string> forms(std::string_view word, const Inflections& inflections = {}) {
  const SingularForms found = inflections.singular_forms(word);
  return {found.begin(), found.end()};
}

struct Pair {
  std::string singular, plural;
};

// Every pair that the specification of the matching names, and what is near them.
constexpr const char* pairs_as_text = R"(
access/accesses address/addresses alias/aliases analysis/analyses api/apis appendix/appendices
appendix/appendixes archive/archives area/areas atlas/atlases axe/axes axis/axes base/bases
basis/bases bias/biases box/boxes branch/branches bus/buses cache/caches calf/calves
campus/campuses canvas/canvases category/categories cause/causes child/children class/classes
cookie/cookies course/courses cpu/cpus crisis/crises criterion/criteria database/databases
datum/data day/days device/devices diagnosis/diagnoses dish/dishes dress/dresses entry/entries
expense/expenses file/files foot/feet gas/gases half/halves hero/heroes hive/hives house/houses
hypothesis/hypotheses id/ids index/indexes index/indices invoice/invoices key/keys knife/knives
leaf/leaves leave/leaves lens/lenses license/licenses life/lives man/men matrix/matrices
medium/media medium/mediums menu/menus mouse/mice move/moves movie/movies niche/niches
objective/objectives ox/oxen parenthesis/parentheses person/people person/persons
phenomenon/phenomena photo/photos pie/pies price/prices process/processes purchase/purchases
query/queries quiz/quizzes response/responses schema/schemas schema/schemata setting/settings
shelf/shelves shoe/shoes size/sizes sku/skus status/statuses synopsis/synopses tax/taxes
thesis/theses tie/ties tooth/teeth toe/toes url/urls value/values vertex/vertices video/videos
warehouse/warehouses woman/women
)";

std::vector<Pair> pairs() {
  std::vector<Pair> all;
  std::istringstream text(pairs_as_text);
  for (Pair each; std::getline(text >> std::ws, each.singular, '/') >> each.plural;)
    all.push_back(each);
  return all;
}

TEST(Inflection, APluralAndItsSingularShareAForm) {
  EXPECT_EQ(pairs().size(), 102u);
  for (const auto& [singular, plural] : pairs())
    EXPECT_THAT(forms(plural), Contains(forms(singular).front())) << singular << " " << plural;
}

TEST(Inflection, ASingularIsLeftAsItIs) {
  for (const auto& [singular, plural] : pairs())
    EXPECT_THAT(forms(singular), ElementsAre(singular));
  for (const std::string_view word :
       {"chaos", "cosmos", "bonus", "virus", "basis", "this", "previous", "emailalias",
        "orderstatus", "dns", "sms", "https", "gps", "os", "ms", "is", "as", "s", ""})
    EXPECT_THAT(forms(word), ElementsAre(std::string(word)));
}

TEST(Inflection, AWordWithoutANumberIsItself) {
  for (const std::string_view word :
       {"metadata", "information", "equipment", "money", "series", "species", "news", "sheep",
        "fish", "rice", "police", "content", "vocabulary"})
    EXPECT_THAT(forms(word), ElementsAre(std::string(word)));
}

TEST(Inflection, WhereSpellingCannotTellBothFormsCount) {
  EXPECT_THAT(forms("bases"), UnorderedElementsAre("basis", "base"));
  EXPECT_THAT(forms("leaves"), UnorderedElementsAre("leaf", "leave"));
  EXPECT_THAT(forms("axes"), UnorderedElementsAre("axis", "axe", "ax"));
  EXPECT_THAT(forms("caches"), UnorderedElementsAre("cach", "cache"));
  EXPECT_THAT(forms("movies"), UnorderedElementsAre("movy", "movie"));
}

TEST(Inflection, WordsThatLookAlikeStayApart) {
  const std::pair<std::string_view, std::string_view> strangers[] = {
      {"status", "statue"},      {"business", "busy"}, {"news", "new"},      {"gas", "gap"},
      {"basis", "bass"},         {"bus", "buy"},       {"lens", "len"},      {"access", "acces"},
      {"hives", "life"},         {"prices", "prix"},   {"species", "specy"}, {"alias", "alia"},
      {"metadata", "metadatum"},
  };
  for (const auto& [a, b] : strangers)
    for (const std::string& form : forms(b)) EXPECT_THAT(forms(a), Not(Contains(form))) << a << b;
}

TEST(Inflection, AnApplicationsPairsComeFirst) {
  Inflections own;
  own.add("Corpus", "Corpora");
  own.add("basis", "bases");
  EXPECT_THAT(forms("corpora", own), ElementsAre("corpus"));
  EXPECT_THAT(forms("corpus", own), ElementsAre("corpus"));
  EXPECT_THAT(forms("bases", own), ElementsAre("basis"));
  EXPECT_THAT(forms("corpora"), ElementsAre("corpora"));
}

TEST(Inflection, AnApplicationCanSayThatAWordHasNoPlural) {
  Inflections own;
  own.add("sales", "sales");
  EXPECT_THAT(forms("sales", own), ElementsAre("sales"));
  EXPECT_THAT(forms("sales"), Contains("sale"));
}

TEST(NameStyle, TheLastWordEndsWhereAReaderWouldEndIt) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"userIds", "Ids"},
      {"user_ids", "ids"},
      {"UserIDs", "IDs"},
      {"user-ids", "ids"},
      {"User Ids", "Ids"},
      {"USER_IDS", "IDS"},
      {"addressLine1", "Line1"},
      {"address_line_1", "1"},
      {"HTTPServer", "Server"},
      {"serverHTTP", "HTTP"},
      {"IDs", "IDs"},
      {"parseURLs", "URLs"},
      {"line2Text", "Text"},
      {"userids", "userids"},
      {"user_ids__", "ids"},
      {"_", ""},
      {"", ""},
      {"a", "a"},
      {"\xc3\xbcserIds", "Ids"},
      {"ABs", "ABs"},
      {"HTTPSet", "Set"},
  };
  for (const auto& [name, word] : names) EXPECT_EQ(last_word(name), word) << name;
}

TEST(NameStyle, AKeyHasNeitherCapitalsNorSeparators) {
  for (const std::string_view name :
       {"userId", "UserID", "user_id", "User-Id", "USER ID", "_userid_"})
    EXPECT_EQ(style_key(name), "userid") << name;
  EXPECT_EQ(style_key("address_line_1"), style_key("addressLine1"));
  EXPECT_EQ(style_key("foo_x_bar"), style_key("fooXBar"));
  EXPECT_EQ(style_key("\xc3\x9c_B"),
            "\xc3\x9c"
            "b");
}

}  // namespace
}  // namespace pgreactor::operators
