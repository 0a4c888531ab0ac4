//! What each normalization does, and what holds for every text.

use proptest::prelude::*;

use super::*;
use Normalization::*;

fn normalized(steps: &[Normalization], value: &str) -> String {
    let mut out = String::from("left over");
    Normalizer::new(steps).write(value, &mut out, &mut String::from("left over too"));
    out
}

#[test]
fn each_normalization_does_what_the_specification_says() {
    let cases: &[(&[Normalization], &str, &str)] = &[
        (&[], " As It Is ", " As It Is "),
        (&[], "Jose\u{301}", "José"),
        (&[LowerCase], "ÄÖÜ Straße", "äöü straße"),
        (&[LowerCase], "İSTANBUL Iğdır ΣΑΣ", "istanbul iğdır σασ"),
        (&[Whitespace], " a\t b\u{A0}c\u{200B} ", "abc"),
        (&[Whitespace], "\u{200F}שלום\u{202C} ע", "שלוםע"),
        (&[Symbols], "O'Neil-Smith, (Jr.) *|\\ 😀x", "ONeilSmith Jr  x"),
        (&[Symbols], "!?\"#$%&'()+,.-_/:;<=>@^~{}`[]", ""),
        (&[Symbols], "e-\u{301}", "é"),
        (&[Symbols, Whitespace], "a - b", "ab"),
        (&[Numerals], "٣ ３ ② Ⅷ ⅻ Ⅿ ½ XIV", "3 3 2 8 12 1000 ½ XIV"),
        (&[UnicodeToAscii], "àÂⒶＡ Łódź ß ı İ", "aAAA Lodz ss i I"),
        (&[UnicodeToAscii, LowerCase], "Ⓐ Алматы Ә", "a almaty a"),
        (&[UnicodeToAscii], "Қайрат Петър Наталья", "Kairat Petar Natalia"),
        (&[TypePhone], "+1 (555) 010-0000", "15550100000"),
        (&[TypePhone], "1-555-010-0000x123", "15550100000"),
        (&[TypePhone], "none", ""),
        (&[TypeName], "Dr. Debby  Smith", "dr deborah smith"),
        (&[TypeName], "PROFESSOR Bob", "prof robert"),
        (&[TypeName, Whitespace], "Debby Smith", "deborahsmith"),
        (&[Whitespace, TypeName], "Debby Smith", "deborahsmith"),
        (&[TypeName], "Саша Петров", "александр петров"),
        (&[TypeName, UnicodeToAscii], "Саша Петров", "aleksandr petrov"),
        (&[TypeName, UnicodeToAscii], "Sasha Petrov", "aleksandr petrov"),
        (&[TypeName], "Пешо", "петър"),
        (&[TypeName], "Айгуль", "айгүл"),
        (&[TypeName], "Pepe García", "jose garcía"),
        (&[TypeName], "Patxi", "frantzisko"),
        (&[TypeName], "Ionuț", "ioan"),
        (&[TypeName], "陳大文先生", "陳大文 mr"),
        (&[TypeName], "Mr 陳", "mr chan"),
        (&[TypeName], "Cheong", "cheung"),
        (&[TypeAddress], "12 North Main Street", "12 n main st"),
        (&[TypeAddress], "C/ Mayor, nº 5", "c/ mayor, no 5"),
        (&[TypeAddress], "Calle Mayor", "c/ mayor"),
        (&[TypeAddress], "бульвар Абая", "бул абая"),
        (&[TypeAddress], "Абай даңғылы", "абай даңғ"),
        (&[TypeAddress], "Strada Lungă", "st lungă"),
        (&[TypeAddress], "Kale Nagusia", "k/ nagusia"),
        (&[TypeAddress], "彌敦道123号5楼", "彌敦道123號5樓"),
        (&[TypeAddress, UnicodeToAscii], "улица Шипка", "ul shipka"),
        (&[TypeOrganization], "Contoso Coffee, Inc.", "contoso coffee,"),
        (&[TypeOrganization, Symbols], "The Company S.A.", "the company sa"),
        (&[TypeOrganization], "ТОО «Ромашка»", "«ромашка»"),
        (&[TypeOrganization], "Роза ЕООД", "роза"),
        (&[TypeOrganization], "騰訊控股有限公司", "騰訊"),
        (&[TypeOrganization], "有限公司", "有限公司"),
        (&[TypeOrganization], "Holding AG", "holding ag"),
    ];
    for (steps, value, expected) in cases {
        assert_eq!(normalized(steps, value), *expected, "{steps:?} of {value:?}");
    }
}

#[test]
fn a_value_of_white_space_is_empty() {
    assert_eq!(normalized(&[], " \t\u{A0}"), "");
}

const ALL: [Normalization; 9] = ORDER;

/// Letters, marks and signs that have tripped programs, besides any other character.
fn text() -> impl Strategy<Value = String> {
    let odd = "[İıIßẞſσςΣǅﬁ①Ⅻ٣½\u{301}\u{308}\u{323}\u{345}\u{200d}\u{202e}👩🏽‍🚀がカﾞ陳大文先生號有限公司ЁёЙйԱأبה\u{AC00}\u{11A8}ＡＢ（） .,'/-]{0,10}";
    let words = "(Bob|DR\\.|Саша|C/|St\\.|Inc\\.|ТОО|x12|ext|\\+1|00| |-|\\.){0,6}";
    prop_oneof![odd, words, "\\PC{0,14}", ".{0,10}"]
}

proptest! {
    #[test]
    fn each_normalization_done_twice_changes_nothing_more(value in text()) {
        for step in ALL {
            let once = normalized(&[step], &value);
            prop_assert_eq!(&normalized(&[step], &once), &once, "{:?}", step);
        }
    }

    #[test]
    fn the_order_in_which_normalizations_are_written_does_not_matter(
        value in text(),
        mut steps in proptest::sample::subsequence(ALL.to_vec(), 0..9).prop_shuffle(),
    ) {
        let first = normalized(&steps, &value);
        steps.reverse();
        steps.extend_from_within(..);
        prop_assert_eq!(normalized(&steps, &value), first);
    }

    #[test]
    fn a_normalized_text_is_at_most_some_times_as_long(
        value in text(),
        steps in proptest::sample::subsequence(ALL.to_vec(), 0..9),
    ) {
        // The longest transcription of one character has some dozens of letters, the longest canonical word 12.
        let most = value.chars().count() * 64 + 64;
        prop_assert!(normalized(&steps, &value).len() <= most);
    }

    #[test]
    fn the_quick_way_for_ascii_does_the_same_as_the_way_for_every_text(
        value in "[ -~\\t]{0,20}|(Bob|DR\\.|C/|St\\.|Inc\\.|Ltd|x12|ext|\\+1|00| |-|\\.){0,6}",
        steps in proptest::sample::subsequence(ALL.to_vec(), 0..9),
    ) {
        let normalizer = Normalizer::new(&steps);
        let (mut quick, mut slow, mut spare) = (String::new(), String::new(), String::new());
        normalizer.write_ascii(&value, &mut quick, &mut spare);
        normalizer.write_unicode(&value, &mut slow, &mut spare);
        prop_assert_eq!(quick, slow);
    }
}
