//! What the XML files of a solution say about its workflows: their names, and which are cloud flows.

use std::collections::BTreeMap;

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

/// The category of cloud flows.
pub(super) const CLOUD_FLOW: &str = "5";

/// A workflow of a solution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Workflow {
    /// Its name as people see it.
    pub(super) name: String,
    /// `5` for cloud flows, `0` for classic workflows, `6` for desktop flows.
    pub(super) category: String,
    /// The file with its content, from the top of the solution.
    pub(super) file: String,
}

impl Workflow {
    /// Which kind it is, as the code of a note; none for cloud flows.
    pub(super) fn other_kind(&self) -> Option<&'static str> {
        match self.category.as_str() {
            CLOUD_FLOW | "" => None,
            "0" => Some("classicWorkflow"),
            "6" => Some("desktopFlow"),
            _ => Some("otherWorkflow"),
        }
    }
}

/// The workflows that an XML file of a solution lists: `customizations.xml`, or a `.data.xml` of an unpacked one.
/// What cannot be read is left out: the flows are found by their shape all the same.
pub(super) fn workflows(xml: &str) -> Vec<Workflow> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    let mut present: Option<Workflow> = None;
    let mut element = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                element = start.name().0.to_owned();
                if element == "Workflow" {
                    let name = start.attributes().flatten().find(|it| it.key.0 == "Name");
                    let name = name.and_then(|it| it.normalized_value(XmlVersion::Implicit1_0).ok());
                    present = Some(Workflow {
                        name: name.map(|name| name.trim().to_owned()).unwrap_or_default(),
                        ..Workflow::default()
                    });
                }
            }
            Ok(Event::Text(text)) => {
                let Some(workflow) = &mut present else { continue };
                let text = text.trim();
                match element.as_str() {
                    "Category" => text.clone_into(&mut workflow.category),
                    "JsonFileName" | "XamlFileName" => {
                        text.trim_start_matches('/').clone_into(&mut workflow.file);
                    }
                    _ => {}
                }
            }
            Ok(Event::End(end)) => {
                element.clear();
                if end.name().0 == "Workflow" {
                    found.extend(present.take());
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// The workflows by the end of their file's path, in lower case: folders before it differ between layouts.
pub(super) fn by_file(all: impl IntoIterator<Item = Workflow>) -> BTreeMap<String, Workflow> {
    let last = |file: &str| file.rsplit('/').next().unwrap_or_default().to_lowercase();
    all.into_iter().map(|workflow| (last(&workflow.file), workflow)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_categories_are_read() {
        let xml = r#"<?xml version="1.0"?><ImportExportXml><Workflows>
          <Workflow WorkflowId="{1}" Name="Tell &amp; ask"><JsonFileName>/Workflows/Tell-1.json</JsonFileName><Type>1</Type><Category>5</Category></Workflow>
          <Workflow Name="Old"><XamlFileName>/Workflows/Old.xaml</XamlFileName><Category>0</Category></Workflow>
          <Workflow Name="Robot"><JsonFileName>/Workflows/R.json</JsonFileName><Category> 6 </Category></Workflow>
        </Workflows></ImportExportXml>"#;
        let found = workflows(xml);
        let shown: Vec<_> =
            found.iter().map(|it| (it.name.as_str(), it.file.as_str(), it.other_kind())).collect();
        assert_eq!(
            shown,
            [
                ("Tell & ask", "Workflows/Tell-1.json", None),
                ("Old", "Workflows/Old.xaml", Some("classicWorkflow")),
                ("Robot", "Workflows/R.json", Some("desktopFlow")),
            ]
        );
        assert!(by_file(found).contains_key("tell-1.json"));
    }

    #[test]
    fn broken_xml_gives_what_stands_before_the_break() {
        let xml = r#"<A><Workflow Name="a"><Category>5</Category></Workflow><Workflow Name="b"><Cat"#;
        assert_eq!(workflows(xml).len(), 1);
        assert_eq!(workflows("not < xml").len(), 0);
    }
}
