from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('goals', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='goal',
            name='deleted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
