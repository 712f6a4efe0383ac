"""One invented trial in each form in which a register gives records away."""

CURRENT = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000001",
            "briefTitle": "A trial",
            "officialTitle": "A Trial of Examplamab",
        },
        "descriptionModule": {"briefSummary": "Whether it works.", "detailedDescription": "In detail."},
        "conditionsModule": {"conditions": ["Cachexia", "Lung Cancer"]},
        "designModule": {
            "phases": ["PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "maskingInfo": {"masking": "QUADRUPLE"},
            },
            "enrollmentInfo": {"count": 90, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Examplamab",
                    "type": "EXPERIMENTAL",
                    "description": "200 mg every 4 weeks",
                    "interventionNames": ["Drug: Examplamab"],
                },
                {
                    "label": "Matching placebo",
                    "type": "PLACEBO_COMPARATOR",
                    "interventionNames": ["Drug: Placebo"],
                },
            ],
            "interventions": [
                {"type": "DRUG", "name": "Examplamab"},
                {"type": "DRUG", "name": "Placebo"},
            ],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Change in body weight", "timeFrame": "Baseline, week 12"}],
            "secondaryOutcomes": [{"measure": "Handgrip strength", "timeFrame": "Week 12"}],
        },
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion:\n* Weight loss",
            "minimumAge": "18 Years",
        },
    },
    "resultsSection": {
        "participantFlowModule": {
            "groups": [{"id": "FG000", "title": "Examplamab"}, {"id": "FG001", "title": "Matching placebo"}],
            "periods": [
                {
                    "title": "Overall",
                    "milestones": [
                        {
                            "type": "STARTED",
                            "achievements": [
                                {"groupId": "FG000", "numSubjects": "45"},
                                {"groupId": "FG001", "numSubjects": "45"},
                            ],
                        }
                    ],
                    "dropWithdraws": [
                        {"type": "Death", "reasons": [{"groupId": "FG000", "numSubjects": "4"}]}
                    ],
                }
            ],
        },
        "outcomeMeasuresModule": {
            "outcomeMeasures": [
                {
                    "type": "PRIMARY",
                    "title": "Change in body weight",
                    "paramType": "LEAST_SQUARES_MEAN",
                    "dispersionType": "Standard Error",
                    "unitOfMeasure": "kg",
                    "timeFrame": "Week 12",
                    "groups": [{"id": "OG000", "title": "Examplamab"}, {"id": "OG001", "title": "Placebo"}],
                    "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "41"}]}],
                    "classes": [
                        {
                            "categories": [
                                {
                                    "measurements": [
                                        {"groupId": "OG000", "value": "1.9", "spread": "0.4"},
                                        {"groupId": "OG001", "value": "NA"},
                                    ]
                                }
                            ]
                        }
                    ],
                    "analyses": [
                        {
                            "groupIds": ["OG000", "OG001"],
                            "paramType": "Mean Difference (Final Values)",
                            "paramValue": "2.1",
                            "pValue": "<0.001",
                            "ciPctValue": "95",
                            "ciLowerLimit": "1.0",
                            "ciUpperLimit": "3.2",
                            "statisticalMethod": "ANCOVA",
                        }
                    ],
                }
            ]
        },
    },
}

LEGACY = """<?xml version="1.0" encoding="UTF-8"?>
<clinical_study rank="1">
  <id_info><nct_id>NCT00000002</nct_id></id_info>
  <brief_title>An old trial</brief_title>
  <brief_summary><textblock>Whether it works.</textblock></brief_summary>
  <study_design_info><allocation>Randomized</allocation>
    <intervention_model>Parallel Assignment</intervention_model>
    <masking>Double (Participant, Investigator)</masking></study_design_info>
  <primary_outcome><measure>Lean body mass</measure><time_frame>8 weeks</time_frame></primary_outcome>
  <enrollment type="Actual">40</enrollment>
  <condition>Cachexia</condition>
  <arm_group><arm_group_label>Active</arm_group_label><arm_group_type>Experimental</arm_group_type></arm_group>
  <arm_group><arm_group_label>None</arm_group_label>
    <arm_group_type>No Intervention</arm_group_type></arm_group>
  <intervention><intervention_type>Drug</intervention_type><intervention_name>Oldinib 5 mg</intervention_name>
    <arm_group_label>Active</arm_group_label></intervention>
  <eligibility><criteria><textblock>Adults.</textblock></criteria><gender>All</gender>
    <minimum_age>18 Years</minimum_age></eligibility>
  <clinical_results><participant_flow>
    <group_list><group group_id="P1"><title>Active</title></group></group_list>
    <period_list><period><title>All</title><milestone_list><milestone><title>STARTED</title>
      <participants_list><participants group_id="P1" count="20"/></participants_list>
    </milestone></milestone_list></period></period_list></participant_flow>
    <outcome_list><outcome><type>Primary</type><title>Lean body mass</title><time_frame>8 weeks</time_frame>
      <group_list><group group_id="O1"><title>Active</title></group></group_list>
      <measure><title>Lean body mass</title><units>kg</units><param>Mean</param>
        <dispersion>Standard Deviation</dispersion><class_list><class><category_list><category>
        <measurement_list><measurement group_id="O1" value="0.7" spread="1.1"/></measurement_list>
        </category></category_list></class></class_list></measure></outcome></outcome_list>
  </clinical_results>
</clinical_study>
"""

TABLE = (
    "NCT Number,Study Title,Study Status,Conditions,Interventions,Primary Outcome Measures,"
    "Secondary Outcome Measures,Enrollment,Study Design\n"
    'NCT00000003,A table,COMPLETED,Cachexia|Cancer,DRUG: Examplamab|BEHAVIORAL: Walking,"Weight change, '
    'by scale, week 12|Appetite, week 12",,120,"Allocation: RANDOMIZED|Masking: DOUBLE (PARTICIPANT, CARE)"\n'
)
