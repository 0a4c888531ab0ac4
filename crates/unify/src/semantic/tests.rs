//! Suggestions for whole entities, and the signals that come of them.

use super::*;
use crate::tests::text_tables::input;

/// Rows of one line each, repeated with a number in place of `#`.
fn entity(name: &str, header: &str, rows: &[&str], times: usize) -> Input {
    let mut text = header.to_owned();
    for at in 0..times {
        for row in rows {
            text.push('\n');
            text.push_str(&row.replace('#', &at.to_string()));
        }
    }
    let mut input = input(name, &text);
    input.primary_key.clear();
    input
}

fn types(input: &Input) -> Vec<(String, String)> {
    suggest(input).attributes.into_iter().map(|it| (it.attribute, it.semantic_type)).collect()
}

fn check(input: &Input, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(types(input), expected);
}

#[test]
fn a_shop_of_the_english_speaking_world_is_understood() {
    let contacts = entity(
        "Shop_contacts",
        "ContactId,FirstName,LastName,Name,DateOfBirth:date,Gender,EMail,Telephone,PostCode,StreetAddress,City,State,\
         Country,CreatedOn:date,Tier,Email Subscriber,Income:double,RewardPoints:int64,Headshot",
        &[
            "C#1,Ann,Moss,Ann Moss,1986-05-08,Female,ann#@contoso.com,555.010.0706x95,10753,12 Mill Plaza,Fairfield,\
             California,USA,2017-03-14,high,Yes,2564.1127,2#,https://example.com/a#.png",
            "C#2,Bob,Beraun,Beraun Bob,1974-08-01,Male,bob#@contoso.com,555-010-7852,40482,97 West Prairie,Amarillo,\
             Texas,USA,2018-12-23,low,No,4673.47,51#,https://example.com/b#.png",
        ],
        20,
    );
    check(
        &contacts,
        &[
            ("FirstName", "Person.FirstName"),
            ("LastName", "Person.LastName"),
            ("Name", "Person.FullName"),
            ("DateOfBirth", "Person.BirthDate"),
            ("Gender", "Person.Gender"),
            ("EMail", "Identity.Service.Email"),
            ("Telephone", "Identity.Service.Phone"),
            ("PostCode", "Location.PostalCode"),
            ("StreetAddress", "Location.Address"),
            ("City", "Location.City"),
            ("State", "Location.StateOrProvince"),
            ("Country", "Location.Country"),
            ("CreatedOn", "Calendar.Date"),
            ("Headshot", "Person.ProfileImage"),
        ],
    );
    let key = suggest(&contacts).primary_key.unwrap();
    assert_eq!((key.attribute.as_str(), key.confidence, key.rows), ("ContactId", 0.95, 40));
}

#[test]
fn five_other_languages_are_understood_too() {
    check(
        &entity(
            "A_kk",
            "Аты,Тегі,Телефон,Туған күні,Қала",
            &["Айгүл,Сейтова,+7 701 555 01 0#,1990-01-0#,Алматы"],
            9,
        ),
        &[
            ("Аты", "Person.FirstName"),
            ("Тегі", "Person.LastName"),
            ("Телефон", "Identity.Service.Phone"),
            ("Туған күні", "Person.BirthDate"),
            ("Қала", "Location.City"),
        ],
    );
    check(
        &entity("A_bg", "Име,Имейл,Град,Адрес,Пол", &["Петър Иванов,p#@abv.bg,София,ул. Шипка #,мъж"], 9),
        &[
            ("Име", "Person.FullName"),
            ("Имейл", "Identity.Service.Email"),
            ("Град", "Location.City"),
            ("Адрес", "Location.Address"),
            ("Пол", "Person.Gender"),
        ],
    );
    check(
        &entity("A_eu", "izena,abizena,helbidea,posta kodea", &["Miren,Etxeberria,Kale Nagusia #,2000#"], 9),
        &[
            ("izena", "Person.FirstName"),
            ("abizena", "Person.LastName"),
            ("helbidea", "Location.Address"),
            ("posta kodea", "Location.PostalCode"),
        ],
    );
    check(
        &entity("A_zh", "姓名,電郵,電話,地址,性別", &["陳大文,a#@x.hk,2555 010#,彌敦道#號,男"], 9),
        &[
            ("姓名", "Person.FullName"),
            ("電郵", "Identity.Service.Email"),
            ("電話", "Identity.Service.Phone"),
            ("地址", "Location.Address"),
            ("性別", "Person.Gender"),
        ],
    );
    check(
        &entity("A_ro", "Nume,Prenume,Județ,Țară,CNP", &["Popescu,Ionuț,Cluj,România,190010112345#"], 9),
        &[
            ("Nume", "Person.LastName"),
            ("Prenume", "Person.FirstName"),
            ("Județ", "Location.StateOrProvince"),
            ("Țară", "Location.Country"),
            ("CNP", "Identity.GovernmentID"),
        ],
    );
}

#[test]
fn what_name_and_values_do_not_agree_on_is_not_suggested() {
    check(
        &entity(
            "A_products",
            "Name,State,Email,Phone,City:int64,PostCode,DateOfBirth,Address,Gender,Score:double",
            &[
                "Red Shirt,active,yes,tall,5,shop,soon,here,high,1234567.5",
                "Blue Shoe,closed,no,small,6,van,late,there,low,7654321.5",
            ],
            30,
        ),
        &[],
    );
}

#[test]
fn values_alone_are_believed_when_there_are_enough_of_them() {
    let rows = ["x#@contoso.com,+1 555 010 00#,2019-01-01,#"];
    check(&entity("A_b", "Contact1,Reach,When,N:int64", &rows, 9), &[]);
    check(
        &entity("A_b", "Contact1,Reach,When,N:int64", &rows, 40),
        &[
            ("Contact1", "Identity.Service.Email"),
            ("Reach", "Identity.Service.Phone"),
            ("When", "Calendar.Date"),
        ],
    );
}

#[test]
fn a_suggestion_says_its_reason_in_parts_that_can_be_translated() {
    let input = entity("A_b", "Customer E-mail,Phone", &["a#@contoso.com,", "broken,"], 5);
    let input = Input { batches: input.batches.iter().map(|it| it.slice(0, 9)).collect(), ..input };
    assert_eq!(types(&input), [("Phone".to_owned(), "Identity.Service.Phone".to_owned())]);
    let input = entity("A_b", "Customer E-mail,Phone", &["a#@contoso.com,"], 10);
    let json = serde_json::to_value(suggest(&input)).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "entity": "A_b",
            "primaryKey": {"attribute": "Customer E-mail", "confidence": 0.2, "rows": 10},
            "attributes": [
                {
                    "attribute": "Customer E-mail",
                    "semanticType": "Identity.Service.Email",
                    "confidence": 0.89,
                    "reason": {"kind": "nameAndValues", "word": "E-mail", "form": "email", "alike": 10, "of": 10},
                },
                {
                    "attribute": "Phone",
                    "semanticType": "Identity.Service.Phone",
                    "confidence": 0.5,
                    "reason": {"kind": "name", "word": "Phone"},
                },
            ],
        })
    );
}

#[test]
fn suggestions_do_not_depend_on_how_rows_are_split_into_batches() {
    let whole = entity("A_b", "Id,EMail,When", &["k#,a#@contoso.com,2019-01-01"], 3_000);
    let mut split = whole.clone();
    split.batches = vec![
        whole.batches[0].slice(0, 7),
        whole.batches[0].slice(7, 2_000),
        whole.batches[0].slice(2_007, 993),
    ];
    assert_eq!(suggest(&whole), suggest(&split));
    assert_eq!(suggest(&whole).primary_key.unwrap().attribute, "Id");
}

#[test]
fn a_key_is_filled_and_unique() {
    let key = |text: &Input| suggest(text).primary_key.map(|it| it.attribute);
    assert_eq!(
        key(&entity("A_orders", "CustomerId,OrderId,Note", &["c,o#,n#"], 30)).as_deref(),
        Some("OrderId")
    );
    assert_eq!(
        key(&entity("A_orders", "ContactId,PurchaseId,Note", &["c,o#,n#"], 30)).as_deref(),
        Some("PurchaseId")
    );
    assert_eq!(key(&entity("A_orders", "OrderId,Note", &["o#,n#", ",m#"], 30)), None);
    assert_eq!(key(&entity("A_orders", "OrderId,Note", &["o,m"], 30)), None);
}

#[test]
fn signals_come_from_the_map_first_and_from_suggestions_after() {
    let a = entity("A_a", "Id,FirstName,LastName,FullName,Mail", &["k#,Ann,Moss,Ann Moss,a#@b.com"], 30);
    let b = entity("B_b", "Id,Full Name,Contact,Loyalty", &["k#,Ann Moss,a#@b.com,77#"], 30);
    let text = r#"{"match": {"order": ["A_a", "B_b"]}, "map": [{"entity": "B_b", "attributes": [
        {"name": "Loyalty", "type": "Identity.Loyalty"}, {"name": "Contact", "type": "Identity.Service.Email"}]}]}"#;
    let unification = serde_json::from_str(text).unwrap();
    let found: Vec<(String, Vec<String>)> = signals(&unification, &[a.clone(), b])
        .into_iter()
        .map(|it| (format!("{:?}", it.kind), it.attributes.iter().map(ToString::to_string).collect()))
        .collect();
    let expected = [
        ("FullName", vec!["A_a.FullName", "B_b.[Full Name]"]),
        ("Email", vec!["A_a.Mail", "B_b.Contact"]),
        ("Identifier", vec!["B_b.Loyalty"]),
    ];
    assert_eq!(
        found,
        expected.map(|(kind, of)| (kind.to_owned(), of.into_iter().map(str::to_owned).collect()))
    );
    let alone = serde_json::from_str(r#"{"match": {"order": ["A_a"]}}"#).unwrap();
    let kinds: Vec<String> = signals(&alone, &[a]).iter().map(|it| format!("{:?}", it.kind)).collect();
    assert_eq!(kinds, ["FirstName", "LastName", "Email"]);
}
